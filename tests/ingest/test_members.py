"""Members of alerts are kept the same on both databases, whatever of them comes in one batch."""

from sqlmodel import col, select

from oncall.alerts.event import Event, EventAction
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.ingest.store import Submission, store
from oncall.models import Alert, AlertMember
from tests.scenarios.world import BEGINS, COMPANY, KEY


def test_a_batch_of_several_problems_is_one_alert(database: Database) -> None:
    with database.transaction() as session:
        apply(session, load(COMPANY), BEGINS)
        apply(session, load("services: [{name: web, grouping: {within: 5m}}]"), BEGINS)
    fired = [Event(EventAction.TRIGGER, f"disk-{number}", f"Disk {number} full") for number in range(3)]
    over = [Event(EventAction.RESOLVE, event.dedup_key) for event in fired]
    for batch, left in (([*fired, over[0]], 2), ([fired[1], over[1], *fired[:1]], 2), (over, 0)):
        with database.transaction() as session:
            store(session, [Submission(KEY, "pagerduty", lambda _, b=batch: b)], BEGINS)
        with database.read() as session:
            (alert,) = session.exec(select(Alert)).all()
            open_members = session.exec(select(AlertMember).where(col(AlertMember.resolved_at).is_(None))).all()
            assert len(open_members) == left
            assert alert.status == ("triggered" if left else "resolved")
