"""Through every clock change of every zone: no gap, no overlap, every handoff at the right time on the wall."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schedules.durations import Duration
from schedules.resolve import final_shifts, on_call_at
from schedules.types import Member, Rotation
from tests.schedules.cast import ALICE, BOB, CAROL, hour, schedule
from tests.schedules.zones import clock_changes

PEOPLE = (ALICE, BOB, CAROL)
MEMBERS = tuple(Member((person,)) for person in PEOPLE)
cycles = st.lists(st.builds(Duration, st.integers(1, 30), st.just("hours")), min_size=1, max_size=3)


def test_there_are_zones_to_try() -> None:
    assert len(clock_changes()) > 150
    assert clock_changes()[ZoneInfo("Antarctica/Troll")][0] == datetime(2020, 3, 29, 1, tzinfo=UTC)


@settings(max_examples=12, deadline=None, phases=[Phase.generate])  # to shrink over every zone would take minutes
@given(cycles, st.integers(0, 71), st.sampled_from([0, 15, 30]), st.integers(0, 100))
def test_shifts_tile_the_days_around_the_change(
    cycle: list[Duration], hours_before: int, minutes: int, pick: int
) -> None:
    for zone, changes in clock_changes().items():
        change = changes[pick % len(changes)]
        local = change.astimezone(zone).replace(tzinfo=None, minute=minutes, second=0) - hour(hours_before + 48)
        one = Rotation("developers", ("L1",), MEMBERS, local, tuple(cycle), zone)
        check(one, zone, change - hour(48), change + hour(48))


def check(one: Rotation, zone: ZoneInfo, start: datetime, end: datetime) -> None:
    dev = schedule(one, zone=zone, levels="L1")
    start = max(start, as_utc(one.start, zone))
    shifts = final_shifts(dev, start, end)

    assert shifts[0].start <= start, zone
    assert shifts[-1].end >= end, zone
    assert all(shift.start < shift.end for shift in shifts), zone
    assert all(a.end == b.start for a, b in pairwise(shifts)), zone

    shown, skipped = wall_handoffs(one, zone, end)
    begins = {shift.start: shift.person for shift in shifts}
    assert begins.keys() <= shown.keys() | skipped, zone
    for at, person in shown.items():
        if start <= at < end:
            assert begins[at] == person, zone
            (on,) = on_call_at(dev, at)["L1"]
            assert on in shifts, zone


def wall_handoffs(one: Rotation, zone: ZoneInfo, end: datetime) -> tuple[dict[datetime, str], set[datetime]]:
    """Handoffs that clocks show, with who is next, and those they jump over, counted one by one."""
    shown: dict[datetime, str] = {}
    skipped: set[datetime] = set()
    local, turn = one.start, 0
    while as_utc(local, zone) < end + timedelta(days=2):
        at = as_utc(local, zone)
        if at.astimezone(zone).replace(tzinfo=None, fold=0) == local:
            shown[at] = PEOPLE[turn % 3]
        else:
            skipped.add(at)
        local, turn = local + hour(one.shift[turn % len(one.shift)].count), turn + 1
    return shown, skipped


def as_utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
