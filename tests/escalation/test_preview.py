"""Who would be paged is who is paged: foretold for one installation, and then done by the engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.escalation.preview import MOST_PAGES, WouldPage, who_would_be_paged
from oncall.escalation.steps import step_due_alerts
from oncall.models import Alert, Delivery, Page, Severity, TimelineEntry, TimelineKind
from oncall.settings import Settings
from oncall.setup.integration_keys import find_service
from tests.scenarios.world import COMPANY

MADE = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
"""A Thursday, 22:00 in New York."""

CASES = {
    "as it is": "{}",
    "in turn": """{escalation_policies: [{name: dev, steps: [{page: "team:dev", wait: 5m, round_robin: true}]}]}""",
    "quiet hours": "{users: [{handle: alice, quiet_hours: {hours: '21:00-07:00'}}]}",
    "support hours": """{services: [{name: web, support_hours: {hours: 'Mon-Fri 09:00-17:00', timezone: UTC}}]}""",
    "maintenance": """
maintenance:
  - {name: upgrade, service: web, start: 2026-11-27T02:00, end: 2026-11-27T04:00, timezone: UTC}""",
    "nobody on call": "{schedules: [{name: dev, rotations: []}]}",
}

Foretold = list[tuple[Any, ...]]


def set_up(database: Database, change: str) -> None:
    with database.transaction() as session:
        apply(session, load(COMPANY), MADE)
        apply(session, load(change), MADE, confirm=True)


def foretold(database: Database, severity: Severity) -> WouldPage:
    with database.trial() as session:
        return who_would_be_paged(session, find_service(session, "web"), severity, AT)


def happens(database: Database, severity: Severity, until: datetime) -> Foretold:
    with database.transaction() as session:
        source = source_of(session, find_service(session, "web").id or 0, "test")
        take_in(session, [(source, Event(EventAction.TRIGGER, "disk", "Disk full", severity))], AT)
    while (due := next_due(database)) is not None and due <= until:
        with database.transaction() as session:
            step_due_alerts(session, due)
    with database.read() as session:
        return [_story(session, entry) for entry in session.exec(_STORY)][1:]


_STORY = select(TimelineEntry).order_by(col(TimelineEntry.id))


def next_due(database: Database) -> datetime | None:
    with database.read() as session:
        return session.exec(select(func.min(col(Alert.next_step_at)))).one()


def _story(session: Session, entry: TimelineEntry) -> tuple[Any, ...]:
    if entry.kind is not TimelineKind.PAGED:
        return entry.at, entry.text, []
    page = session.exec(select(Page).where(Page.user_id == entry.user_id, Page.created_at == entry.at)).one()
    ways = select(Delivery.due_at, Delivery.kind).where(Delivery.page_id == page.id)
    return entry.at, entry.text, list(session.exec(ways.order_by(col(Delivery.due_at), col(Delivery.id))))


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.WARNING])
@pytest.mark.parametrize("case", CASES)
def test_who_is_paged_is_who_would_be(sqlite_settings: Settings, case: str, severity: Severity) -> None:
    database = Database(sqlite_settings)
    set_up(database, CASES[case])

    told = foretold(database, severity)
    said = [(each.at, each.said, [(way.at, way.kind) for way in each.ways]) for each in told.moments]

    assert any(ways for _, _, ways in said)
    assert said == happens(database, severity, told.moments[-1].at)
    database.close()


def test_it_leaves_nothing_behind_and_spends_no_number(settings: Settings) -> None:
    database = Database(settings)
    set_up(database, CASES["in turn"])

    first, second = (foretold(database, Severity.CRITICAL) for _ in range(2))

    assert first == second
    assert happens(database, Severity.CRITICAL, AT)
    with database.read() as session:
        assert session.exec(select(Alert.id)).one() == 1
    database.close()


def test_what_never_ends_is_cut_short_and_says_so(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    set_up(database, "{escalation_policies: [{name: dev, repeat: 1000}]}")

    told = foretold(database, Severity.CRITICAL)

    assert told.goes_on
    assert told.moments[-1].at - AT < timedelta(days=1)
    database.close()


def test_a_large_team_paged_again_and_again_is_cut_short_sooner(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    people = [f"p{number}" for number in range(MOST_PAGES // 4)]
    way = "{name: m, kind: sms, address: '+12025550144', verified: true}"
    users = "\n".join(f"  - {{handle: {each}, name: {each}, contact_methods: [{way}]}}" for each in people)
    team = f"teams: [{{name: all, members: [{', '.join(people)}]}}]"
    policy = "escalation_policies: [{name: dev, repeat: 9, steps: [{page: 'team:all', wait: 5m}]}]"
    set_up(database, f"users:\n{users}\n{team}\n{policy}")

    told = foretold(database, Severity.CRITICAL)

    paged = sum(moment.user is not None for moment in told.moments)
    assert (told.goes_on, paged) == (True, MOST_PAGES)
    database.close()


def test_it_is_said_of_what_has_not_happened(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    team = "{name: dev, contact_methods: [{name: room, kind: webhook, address: 'https://chat.example.com/x'}]}"
    policy = "{name: dev, repeat: 0, steps: [{page: ['schedule:dev/L1', 'team:dev/room'], wait: 5m}]}"
    set_up(database, f"{{teams: [{team}], escalation_policies: [{policy}]}}")

    told = foretold(database, Severity.CRITICAL)

    assert [each.would_be for each in told.moments] == [
        "It would be posted to dev's room (webhook): the alert triggered",
        "Bob Nguyen (dev L1) would be paged: the alert triggered",
        "Carol Silva would be paged: the policy's fallback: no answer from Bob Nguyen for 5 min",
        "Every step has been tried: nobody else will be paged unless somebody escalates",
    ]
    database.close()
