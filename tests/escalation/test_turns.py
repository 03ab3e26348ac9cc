"""Turns of a round-robin step, taken by several processes at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlmodel import select

from oncall.alerts.actions import get_alert
from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.escalation.steps import run_step
from oncall.models import Page, Service
from oncall.settings import Settings
from tests.scenarios.world import COMPANY

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
IN_TURN = """
escalation_policies:
  - {name: dev, steps: [{page: ["team:dev", "user:carol"], wait: 5m, round_robin: true}]}
"""


def test_nobody_has_two_turns_while_others_have_none(postgres_settings: Settings) -> None:
    database = Database(postgres_settings)
    with database.transaction() as session:
        apply(session, load(COMPANY), NOW)
        apply(session, load(IN_TURN), NOW)
        service = session.exec(select(Service.id)).one() or 0
        events = [Event(EventAction.TRIGGER, f"disk{number}", "Disk full") for number in range(12)]
        drafts = take_in(session, [(source_of(session, service, "test"), event) for event in events], NOW)

    def step(alert_id: int) -> None:
        with database.transaction() as session:
            run_step(session, get_alert(session, alert_id, lock=True), NOW, "the alert triggered")

    with ThreadPoolExecutor(4) as processes:
        list(processes.map(step, [draft.id or 0 for draft in drafts]))

    with database.read() as session:
        assert sorted(Counter(session.exec(select(Page.user_id))).values()) == [4, 4, 4]
    database.close()
