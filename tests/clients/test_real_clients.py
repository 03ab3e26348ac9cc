"""What people see: programs and libraries of calendars subscribe to a real feed, and look again after each edit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clients.conftest import NAMES, Company
from tests.clients.programs import IcalJs, Khal, NodeIcal, Program, Shown, Vobject, missing


def shown_by(program: type[Program]) -> pytest.param:  # type: ignore[valid-type]
    reason = missing(program)
    return pytest.param(program, id=program.__name__, marks=pytest.mark.skipif(reason is not None, reason=reason or ""))


def without_revisions(events: list[Shown]) -> set[tuple[str, datetime, datetime]]:
    shown = {(event.summary, event.start, event.end) for event in events}
    assert len(shown) == len(events)
    return shown


def changes(before: list[Shown], after: list[Shown]) -> tuple[set[Shown], set[Shown]]:
    """What was, and what is in its place."""
    return set(before) - set(after), set(after) - set(before)


PROGRAMS = [shown_by(program) for program in (Khal, Vobject, IcalJs, NodeIcal)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_shows_the_shifts_and_every_edit_of_them(program: type[Program], company: Company, tmp_path: Path) -> None:
    url = company.link(schedule="dev")
    (tmp_path / "program").mkdir()
    subscribed = program(url, tmp_path / "program")
    first = subscribed.sync()
    assert len(first) > 50
    assert without_revisions(first) == company.shifts()

    later = next(event for event in sorted(first, key=lambda e: e.start) if event.start > datetime.now(UTC))
    level = later.summary.split()[0]
    times = {"start": later.start.isoformat(), "end": later.end.isoformat()}
    override = company.edit(url, "POST", "/overrides", {"schedule": "dev", "level": level, "user": "dora", **times})
    second = subscribed.sync()
    assert without_revisions(second) == company.shifts()
    assert changes(first, second) == ({later}, {later._replace(summary=f"{level} dev: {NAMES['dora']}", sequence=1)})

    company.edit(url, "DELETE", f"/overrides/{override['id']}")
    third = subscribed.sync()
    assert without_revisions(third) == company.shifts()
    assert changes(first, third) == ({later}, {later._replace(sequence=2)})


@pytest.mark.parametrize("program", [shown_by(Khal)])  # to the others, too, an event that is added and taken away
def test_my_own_shows_whom_i_follow_until_it_is_called_off(
    program: type[Program], company: Company, tmp_path: Path
) -> None:
    url = company.link()
    (tmp_path / "program").mkdir()
    subscribed = program(url, tmp_path / "program")
    before = subscribed.sync()

    start = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    when = {"start": start.isoformat(), "end": (start + timedelta(days=1)).isoformat()}
    shadow = company.edit(url, "POST", "/shadow-shifts", {"schedule": "dev", "level": "L2", **when})
    gone, (added,) = changes(before, subscribed.sync())
    assert not gone
    assert added[1:] == (0, "Following L2 dev: Alice Archer", start, start + timedelta(days=1))

    company.edit(url, "DELETE", f"/shadow-shifts/{shadow['id']}")
    assert changes(before, subscribed.sync()) == (set(), set())
