"""A preview is what applying would give: both are done to one installation that much has happened to."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import Config
from oncall.db.database import Database
from oncall.models import Override, OverrideSource, Role
from oncall.people.people import find_user
from oncall.planning.preview import plans_with
from oncall.rota.coverage import planned_shifts
from oncall.rota.plans import find_schedule
from oncall.rota.publishing import publish
from oncall.rota.temporary_schedules import PlannedShift, Window, add_temporary_schedule
from schedules.resolve import final_shifts
from schedules.types import Shift
from tests.conftest import make_settings

MADE = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOW = MADE + timedelta(days=8)
DAY = timedelta(days=1)
WINDOW = NOW - 12 * DAY, NOW + 60 * DAY
COMPANY = """
users:
  - {handle: alice, name: Alice Archer, tags: [developer]}
  - {handle: bob, name: Bob Baker, tags: [developer]}
  - {handle: carol, name: Carol Cohen, tags: [developer]}
  - {handle: dave, name: Dave Dunn, tags: [developer]}
  - {handle: erin, name: Erin Evans}
schedules:
  - name: ops
    timezone: UTC
    levels: [L1]
    rotations: [{name: o, members: [dave], start: 2026-01-05T10:00, shift: 1 week}]
  - name: dev
    timezone: Europe/Berlin
    levels: [L1, L2]
    horizon: 20 days
    rotations:
      - name: developers
        members: {tagged: developer, not_in: [ops]}
        start: 2026-01-05T10:00
        shift: 1 day
        first_shift_level: L1
    overrides:
      - {level: L1, user: erin, start: 2026-01-14T10:00, end: 2026-01-15T10:00}
"""
PEOPLE = ["alice", "bob", "carol", "dave", "erin"]
DEVELOPERS = {"name": "developers", "members": PEOPLE[:3], "start": "2026-01-05T10:00", "shift": "1 day"}
CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {"schedules": [{"name": "dev"}]},
    "somebody joins": {"users": [{"handle": "erin", "tags": ["developer"]}], "schedules": [{"name": "dev"}]},
    "somebody leaves": {"users": [{"handle": "bob", "tags": []}], "schedules": [{"name": "dev"}]},
    "somebody goes to ops": {
        "schedules": [
            {"name": "ops", "rotations": [DEVELOPERS | {"name": "o", "members": ["dave", "alice"], "shift": "1 week"}]},
            {"name": "dev"},
        ]
    },
    "members are listed": {"schedules": [{"name": "dev", "rotations": [DEVELOPERS]}]},
    "turns are longer": {"schedules": [{"name": "dev", "rotations": [DEVELOPERS | {"shift": "3 days"}]}]},
    "the zone changes": {"schedules": [{"name": "dev", "timezone": "Asia/Tokyo"}]},
    "a level less": {"schedules": [{"name": "dev", "levels": ["L1"]}]},
    "the override goes": {"schedules": [{"name": "dev", "overrides": []}]},
    "a rotation by day": {
        "schedules": [
            {"name": "dev", "rotations": [DEVELOPERS, DEVELOPERS | {"name": "day", "hours": "09:00-17:00"}]},
        ]
    },
    "no rotations": {"schedules": [{"name": "dev", "rotations": []}]},
    "a schedule that is new": {
        "schedules": [{"name": "new", "timezone": "UTC", "levels": ["L1"], "rotations": [DEVELOPERS]}]
    },
}


@pytest.fixture(scope="module")
def installation(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Eight days after it was set up, with a swap and a temporary schedule ahead."""
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("preview") / "oncall.db")
    database = Database(make_settings(f"sqlite:///{file}"))
    with database.transaction() as session:
        apply(session, load(COMPANY), MADE)
    publish(database, MADE, only_if_changed=False)
    with database.transaction() as session:
        _swap(session, "alice", "carol", NOW + DAY)
        dev, alice, bob = find_schedule(session, "dev"), find_user(session, "alice"), find_user(session, "bob")
        alice.role = Role.ADMIN
        window = Window(NOW + 5 * DAY, NOW + 7 * DAY)
        planned = [PlannedShift(level, who, window.start, window.end) for level, who in (("L1", bob), ("L2", alice))]
        add_temporary_schedule(session, alice, dev, window, planned, NOW, confirm=True)
    publish(database, NOW, only_if_changed=False)
    yield database
    database.close()


def _swap(session: Session, giver: str, taker: str, at: datetime) -> None:
    dev = find_schedule(session, "dev")
    shift = next(s for s in planned_shifts(session, dev, at, at + 30 * DAY) if s.person == giver and s.start > at)
    session.add(
        Override(
            schedule_id=dev.id or 0,
            level=shift.level,
            user_id=find_user(session, taker).id,
            replaces_id=find_user(session, giver).id,
            source=OverrideSource.SWAP,
            starts_at=shift.start,
            ends_at=shift.end,
            created_at=NOW,
        )
    )
    session.flush()


def previewed(database: Database, change: dict[str, Any]) -> list[Shift]:
    names = [each["name"] for each in change["schedules"]]
    with database.trial() as session:
        plans = plans_with(session, _read(session, change), names, *WINDOW, NOW)
    return [shift for plan in plans for shift in final_shifts(plan, *WINDOW)]


def applied(database: Database, change: dict[str, Any]) -> list[Shift]:
    names = sorted(each["name"] for each in change["schedules"])
    with database.trial() as session:
        apply(session, _read(session, change), NOW, confirm=True)
        return [shift for name in names for shift in planned_shifts(session, find_schedule(session, name), *WINDOW)]


def _read(session: Session, change: dict[str, Any]) -> Config:
    return load(json.dumps(change), export(session))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_preview_is_what_applying_gives(installation: Database, change: dict[str, Any]) -> None:
    assert previewed(installation, change) == applied(installation, change)


def test_what_people_have_been_told_stays_and_is_projected_after_it(installation: Database) -> None:
    now, then = (previewed(installation, CHANGES[name]) for name in ("nothing", "somebody joins"))
    horizon = NOW + 20 * DAY

    assert [shift for shift in then if shift.start < horizon] == [shift for shift in now if shift.start < horizon]
    assert {"erin"} == {shift.person for shift in then if shift.start > horizon} - {
        shift.person for shift in now if shift.start > horizon
    }
    assert {shift.source for shift in now} == {"rotation", "override", "swap", "temporary"}


members = st.lists(st.sampled_from([*PEOPLE, ["alice", "bob"], []]), min_size=1, max_size=5, unique_by=str).filter(
    lambda found: (
        len([who for each in found for who in ([each] if isinstance(each, str) else each)])
        == len({who for each in found for who in ([each] if isinstance(each, str) else each)})
    )
)
rotations = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["developers", "others"]),
        "members": members,
        "start": st.sampled_from(["2026-01-05T10:00", "2025-06-02T02:30", "2026-01-20T09:00"]),
        "shift": st.sampled_from(["1 day", "12 hours", "1 week"]),
    },
    optional={
        "hours": st.sampled_from(["Mon-Fri 09:00-17:00", "22:00-06:00"]),
        "first_shift_level": st.just("L1"),
        "levels": st.just(["L1"]),
    },
)
overrides = st.builds(
    lambda level, user, day, length: {
        "level": level,
        "user": user,
        "start": f"{MADE + day * DAY:%Y-%m-%dT%H:%M}",
        "end": f"{MADE + day * DAY + length * DAY / 4:%Y-%m-%dT%H:%M}",
    },
    st.sampled_from(["L1", "L2"]),
    st.sampled_from(PEOPLE),
    st.integers(0, 40),
    st.integers(1, 12),
)
schedules = st.fixed_dictionaries(
    {"name": st.just("dev")},
    optional={
        "rotations": st.lists(rotations, max_size=2, unique_by=lambda each: each["name"]),
        "overrides": st.lists(overrides, max_size=3),
        "horizon": st.sampled_from(["7 days", "40 days"]),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=schedules)
def test_so_it_is_whatever_the_change(installation: Database, form: dict[str, Any]) -> None:
    change = {"schedules": [form]}

    assert previewed(installation, change) == applied(installation, change)
