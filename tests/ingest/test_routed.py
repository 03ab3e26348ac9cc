"""What rules did is counted and kept the same on both databases."""

from sqlmodel import col, select

from oncall.alerts.event import Event, EventAction
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.ingest.routed import KEPT
from oncall.ingest.store import Accepted, Submission, store
from oncall.models import Alert, RuleCount, SuppressedEvent
from tests.scenarios.test_routing import RULES
from tests.scenarios.world import BEGINS, COMPANY


def test_a_storm_of_suppressed_events_is_counted_and_its_end_kept(database: Database) -> None:
    with database.transaction() as session:
        apply(session, load(COMPANY), BEGINS)
        apply(session, load(RULES), BEGINS)
    events = [
        Event(EventAction.TRIGGER, f"disk-{number}", "Disk full", labels={"env": "test"}) for number in range(KEPT + 30)
    ]
    other = Event(EventAction.TRIGGER, "query", "Query is slow", labels={"team": "db"})
    for batch in (events, [*events[:5], other]):
        with database.transaction() as session:
            (outcome,) = store(session, [Submission("the-key-of-the-team", "generic", lambda _, b=batch: b)], BEGINS)
            assert isinstance(outcome, Accepted)

    with database.read() as session:
        counts = {row.rule: row.count for row in session.exec(select(RuleCount))}
        assert counts == {"staging": KEPT + 35, "databases": 1}
        assert len(session.exec(select(SuppressedEvent)).all()) == KEPT
        assert session.exec(select(col(Alert.summary))).all() == ["Query is slow"]
