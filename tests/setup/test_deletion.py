"""What nobody needs any more is deleted, and what something needs is kept, and says by what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.db.database import Database
from oncall.errors import Conflict, Forbidden, NeedsConfirmation, NotFound
from oncall.escalation.policies import policy_of
from oncall.lifecycle.alert import AlertStatus
from oncall.models import (
    Alert,
    CalendarFeed,
    IntegrationKey,
    Notice,
    Override,
    PublishedShift,
    ReceivedRequest,
    Rotation,
    Severity,
    ShadowShift,
    Swap,
    SwapKind,
    SwapPiece,
    TeamMember,
    Urgency,
)
from oncall.people.people import find_user
from oncall.rota.coverage import on_call
from oncall.rota.feeds import open_feed
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow, add_shadow
from oncall.setup.audit import Acting, act, list_audit
from oncall.setup.deletion import delete_policy, delete_schedule, delete_team
from oncall.setup.integration_keys import find_service
from oncall.swaps.offer import Request, offer
from oncall.swaps.parts import Part
from tests.conftest import Contents, make_settings
from tests.web.api.conftest import COMPANY

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
SETTINGS = make_settings("sqlite:///nowhere.db")
SPARE = """
teams:
  - name: spare
    members: [bob, carol]
    integration_keys: [{name: all, tool: generic, service: web, key: key-of-all}]
schedules:
  - name: spare
    timezone: UTC
    levels: [L1]
    rotations: [{name: all, members: [bob, carol], start: 2026-01-05T10:00, shift: 1 day}]
    overrides: [{level: L1, user: bob, start: 2026-01-09T10:00, end: 2026-01-09T12:00}]
escalation_policies: [{name: spare, steps: [{page: user:bob, wait: 5m}]}]
users: [{handle: bob, experienced: [spare]}]
"""


@pytest.fixture(scope="module")
def begins_with() -> Contents:
    return Contents(NOW, (COMPANY, SPARE))


@pytest.fixture
def session(lasting: Database) -> Iterator[Session]:
    with lasting.trial() as session:
        act(session, Acting(find_user(session, "alice").id, "on the web", NOW))
        yield session


def drop_schedule(session: Session, name: str = "spare", *, by: str = "alice", confirm: bool = True) -> None:
    delete_schedule(session, SETTINGS, find_user(session, by), name, NOW, confirm=confirm)


def rows(session: Session, table: type[SQLModel], **which: Any) -> int:
    return len(session.exec(select(table).filter_by(**which)).all())


def publish(session: Session, handle: str, days: int) -> None:
    start = NOW + timedelta(days=days)
    columns = {"schedule_id": find_schedule(session, "spare").id, "user_id": find_user(session, handle).id}
    times = {"starts_at": start, "ends_at": start + timedelta(days=1), "revised_at": NOW}
    session.add(PublishedShift(uid=f"{handle}-{days}", level="L1", source="rotation", **columns, **times))
    session.flush()


def triggered(session: Session, service: str) -> Alert:
    found = find_service(session, service)
    times = {"triggered_at": NOW, "last_event_at": NOW}
    about = {"dedup_key": "disk", "summary": "Disk full", "severity": Severity.CRITICAL, "urgency": Urgency.HIGH}
    alert = Alert(service_id=found.id, policy_id=found.escalation_policy_id, **times, **about)
    session.add(alert)
    session.flush()
    return alert


def test_a_policy_that_no_service_follows_is_gone_and_its_name_is_free(session: Session) -> None:
    delete_policy(session, find_user(session, "alice"), "spare", NOW)
    assert [form.name for form in export(session).escalation_policies] == ["dev"]
    assert list_audit(session, 1)[0].entry.what == "escalation policy spare: removed"
    with pytest.raises(NotFound, match="no escalation policy spare"):
        delete_policy(session, find_user(session, "alice"), "spare", NOW)
    again = apply(session, load("escalation_policies: [{name: spare, steps: [{page: user:bob, wait: 1m}]}]"), NOW)
    assert [str(change.name) for change in again] == ["spare"]


def test_what_follows_a_policy_is_named(session: Session) -> None:
    with pytest.raises(Conflict, match=r"^dev is needed by the service web\. Change that first"):
        delete_policy(session, find_user(session, "alice"), "dev", NOW)
    with pytest.raises(Forbidden):
        delete_policy(session, find_user(session, "bob"), "dev", NOW)


def test_an_open_alert_goes_on_by_a_policy_that_is_deleted(session: Session) -> None:
    apply(session, load("services: [{name: old, team: dev, escalation_policy: spare}]"), NOW)
    alert = triggered(session, "old")
    apply(session, load("services: [{name: old, escalation_policy: dev}]"), NOW)
    delete_policy(session, find_user(session, "alice"), "spare", NOW)
    session.expire_all()
    assert (alert.status, policy_of(session, alert).name) == (AlertStatus.TRIGGERED, "spare")


def test_a_schedule_goes_with_all_that_it_has_once_that_is_confirmed(session: Session) -> None:
    bob, carol = find_user(session, "bob"), find_user(session, "carol")
    spare = find_schedule(session, "spare")
    publish(session, "carol", 0)
    publish(session, "bob", 1)
    publish(session, "bob", 2)
    open_feed(session, carol, NOW, spare)
    day = NOW + timedelta(days=2), NOW + timedelta(days=3)
    add_shadow(session, find_user(session, "alice"), spare, NewShadow("L1", carol, *day), NOW)
    with pytest.raises(NeedsConfirmation) as asked:
        drop_schedule(session, confirm=False)
    assert asked.value.problems == [
        "All that spare has goes with it, also its past: reports of burden no longer count it.",
        "Whoever has shifts ahead loses them, and is told: first Carol Cohen since Tue 12:00 UTC; 2 in all.",
        "Calendars that follow it would find nothing any more: 1.",
    ]
    number = spare.id
    drop_schedule(session)
    for table in (PublishedShift, Rotation, Override, ShadowShift, CalendarFeed):
        assert rows(session, table, schedule_id=number) == 0, table
    assert [form.name for form in export(session).schedules] == ["dev", "quiet"]
    assert "spare" not in find_experienced(session)
    told = {(each.user_id, each.text) for each in session.exec(select(Notice)) if "deleted" in each.text}
    text = "The schedule spare was deleted by Alice Archer: you have no more shifts on it."
    assert told == {(bob.id, text), (carol.id, text)}
    assert "schedule spare: removed" in [row.entry.what for row in list_audit(session, 9)]


def find_experienced(session: Session) -> list[str]:
    return next(form.experienced for form in export(session).users if form.handle == "bob")


def test_swaps_of_a_schedule_are_withdrawn_and_gone(session: Session) -> None:
    spare, bob = find_schedule(session, "spare"), find_user(session, "bob")
    days = (datetime(2026, 1, day, 10, 0, tzinfo=UTC) for day in range(7, 30))
    shift = next(at for at in days if on(session, "spare", at) == {"bob"} and "carol" not in on(session, "dev", at))
    offer(
        session, SETTINGS, bob, bob, Request(SwapKind.GIVE, [Part(spare, "L1", shift, shift + timedelta(days=1))]), NOW
    )
    with pytest.raises(NeedsConfirmation, match="Swaps under way would be withdrawn: 1"):
        drop_schedule(session, confirm=False)
    drop_schedule(session)
    assert (rows(session, Swap), rows(session, SwapPiece)) == (0, 0)
    assert any("withdrawn" in each.text for each in session.exec(select(Notice)))


def on(session: Session, schedule: str, at: datetime) -> set[str]:
    return {
        shift.handle for level in on_call(session, find_schedule(session, schedule), at).values() for shift in level
    }


def test_what_needs_a_schedule_is_named(session: Session) -> None:
    with pytest.raises(Conflict, match=r"^dev is needed by the escalation policy dev\. Change that first"):
        drop_schedule(session, "dev")
    ruled = (
        "rotations: [{name: all, members: {tagged: developer, not_in: [spare]}, start: 2026-01-05T10:00, shift: 1 day}]"
    )
    apply(session, load(f"schedules: [{{name: quiet, {ruled}}}]", export(session)), NOW, confirm=True)
    with pytest.raises(Conflict, match=r"^spare is needed by the schedule quiet"):
        drop_schedule(session)
    with pytest.raises(Forbidden):
        drop_schedule(session, by="bob")
    with pytest.raises(NotFound):
        drop_schedule(session, "nothing")


def test_an_open_alert_that_pages_a_schedule_by_a_former_policy_keeps_it(session: Session) -> None:
    apply(session, load("escalation_policies: [{name: spare, fallback: 'schedule:spare'}]", export(session)), NOW)
    apply(session, load("services: [{name: old, team: dev, escalation_policy: spare}]"), NOW)
    alert = triggered(session, "old")
    apply(session, load("escalation_policies: [{name: spare, fallback: null}]", export(session)), NOW)
    with pytest.raises(Conflict, match=f"^spare is needed by alert {alert.id}"):
        drop_schedule(session)


def test_a_team_that_owns_nothing_is_gone_and_its_people_stay(session: Session) -> None:
    key = session.exec(select(IntegrationKey).where(IntegrationKey.key == "key-of-all")).one()
    session.add(ReceivedRequest(key_id=key.id, at=NOW, method="POST", path="/", status=202))
    session.flush()
    with pytest.raises(NeedsConfirmation, match="The integration key all of team spare"):
        delete_team(session, "spare", NOW)
    number = key.team_id
    delete_team(session, "spare", NOW, confirm=True)
    assert rows(session, TeamMember, team_id=number) == rows(session, IntegrationKey, team_id=number) == 0
    assert find_user(session, "carol").retired_at is None
    assert [form.name for form in export(session).teams] == ["dev"]
    with pytest.raises(NotFound, match="no team spare"):
        delete_team(session, "spare", NOW)


def test_what_a_team_owns_keeps_it(session: Session) -> None:
    with pytest.raises(Conflict, match=r"^dev is needed by the schedule dev and the service web"):
        delete_team(session, "dev", NOW)
