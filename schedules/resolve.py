"""Who is on call? The one engine behind paging, pages, API, command line and feeds."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import NamedTuple, TypeAlias

from schedules.experience import Turn, experience, seats_of
from schedules.layers import Edit, decided, edits, rank_at, stretch
from schedules.order import members_at
from schedules.rotation import handoff, turn_at
from schedules.spans import Span, holes, intersect
from schedules.types import EVERYBODY, Gap, Level, Person, Schedule, Seat, Shift

_START, _END = itemgetter(0), itemgetter(1)

Origin: TypeAlias = Turn | int  # the turn that somebody is on by, or the place of an override in the schedule's


class Stay(NamedTuple):
    """One person on a level for [start, end), aware UTC, by one turn or one override."""

    start: datetime
    end: datetime
    person: Person
    origin: Origin


def final_shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The shifts that meet [start, end), aware UTC, by start and then by level.

    Each has its own start and end, whatever the window: it lasts as long as one person is on for one turn or one
    override without a break.
    """
    shifts: list[Shift] = []
    for level in (*schedule.levels, *schedule.former):
        for stay in stays(schedule, level, start, end):
            is_cut = stay.start == start or stay.end == end
            shifts.append(_shift(schedule, level, _whole(schedule, level, stay) if is_cut else stay))
    return sorted(shifts, key=attrgetter("start"))


def on_call_at(schedule: Schedule, at: datetime) -> dict[Level, list[Shift]]:
    """The shifts on each level at the aware instant `at`: one, or several, or none; on a former one if any."""
    on = {level: shifts_at(schedule, level, at) for level in schedule.levels}
    return on | {level: was for level in schedule.former if (was := shifts_at(schedule, level, at))}


def shifts_at(schedule: Schedule, level: Level, at: datetime) -> list[Shift]:
    """The shifts on the level at the aware instant `at`."""
    moment = at + datetime.resolution
    found = None if edits(schedule, level, at, moment) else _unedited_at(schedule, level, at)
    if found is None:
        found = [_whole(schedule, level, stay) for stay in stays(schedule, level, at, moment)]
    return [_shift(schedule, level, stay) for stay in found]


def gaps(schedule: Schedule, start: datetime, end: datetime) -> list[Gap]:
    """Where in [start, end) nobody is on a level that is meant to be covered, clipped; by start and then by level."""
    meant = covered_hours(schedule, start, end)
    found = [
        Gap(level, *hole)
        for level in schedule.levels
        for hole in intersect(holes([stay[:2] for stay in stays(schedule, level, start, end)], start, end), meant)
    ]
    return sorted(found, key=lambda gap: gap.start)


def covered_hours(schedule: Schedule, start: datetime, end: datetime) -> list[Span]:
    """When in [start, end) somebody is meant to be on each level: sorted, apart from each other, clipped."""
    return schedule.covers.spans(schedule.zone, start, end) if schedule.covers else [(start, end)]


def warnings(schedule: Schedule, start: datetime, end: datetime) -> list[str]:
    """What the schedule's owner should know about [start, end): a sentence for each rotation the rule can't help."""
    said: dict[str, str] = {}
    for turn in experience(schedule).alone_until(end):
        if turn.start < end and start < turn.end:
            said.setdefault(schedule.rotations[turn.rank].name, _alone(schedule, turn))
    return list(said.values())


def stays(schedule: Schedule, level: Level, start: datetime, end: datetime) -> list[Stay]:
    """Who is on the level when in [start, end), clipped to it, by start."""
    changed = edits(schedule, level, start, end)
    cleared = [(edit.start, edit.end) for edit in changed if _clears(schedule, edit)]
    by_turn = list(_turns_taken(schedule, level, start, end)) if holes(cleared, start, end) else []
    if not changed:
        return [Stay(a, b, person, turn) for a, b, turn, seat in by_turn for person in seat]
    found: list[Stay] = []
    since = start
    for edit in changed:
        found += _as_stays(_between(by_turn, since, edit.start))
        begins, since = max(start, edit.start), min(end, edit.end)
        found += _edited(schedule, edit, _between(by_turn, begins, since), begins, since)
    found += _as_stays(_between(by_turn, since, end))
    return _joined(found)


Taken: TypeAlias = tuple[datetime, datetime, Turn, Seat]  # for how long whose turn is on the level


def _turns_taken(schedule: Schedule, level: Level, start: datetime, end: datetime) -> Iterator[Taken]:
    """The turns that have the level in [start, end), clipped, by start, before overrides."""
    claims = decided(schedule, level, start, end)
    left = {rank: turns(schedule, level, rank, start, end)[::-1] for rank in {rank for _, _, rank in claims}}
    for begins, ends, rank in claims:
        mine = left[rank]
        while mine:
            opens, closes, turn, seat = mine[-1]
            if opens >= ends:
                break
            if closes > begins:
                yield opens if opens > begins else begins, closes if closes < ends else ends, turn, seat
            if closes > ends:
                break
            mine.pop()


def turns(schedule: Schedule, level: Level, rank: int, start: datetime, end: datetime) -> list[Taken]:
    """The turns of one rotation that meet [start, end), in order; those that last no time are left out."""
    rotation = schedule.rotations[rank]
    place = rotation.levels.index(level)
    found: list[Taken] = []
    number = turn_at(rotation, start) or 0
    opens = handoff(rotation, number)
    while opens < end:
        closes = handoff(rotation, number + 1)
        if opens < closes:
            turn = Turn(opens, closes, rank, number)
            on = seats_of(schedule, turn)
            found.append((opens, closes, turn, on[place] if on else ()))
        number, opens = number + 1, closes
    return found


def _between(by_turn: list[Taken], start: datetime, end: datetime) -> list[Taken]:
    """The part in [start, end), clipped."""
    if start >= end:
        return []
    part = by_turn[bisect_right(by_turn, start, key=_END) : bisect_left(by_turn, end, key=_START)]
    for place in {0, len(part) - 1} if part else ():
        begins, ends, turn, seat = part[place]
        part[place] = max(begins, start), min(ends, end), turn, seat
    return part


def _as_stays(by_turn: Iterable[Taken]) -> list[Stay]:
    return [Stay(start, end, person, turn) for start, end, turn, seat in by_turn for person in seat]


def _clears(schedule: Schedule, edit: Edit) -> bool:
    """Whether it begins with nobody, whoever's turn it is."""
    return schedule.overrides[edit.overrides[0]].off == EVERYBODY


def _edited(schedule: Schedule, edit: Edit, by_turn: Iterable[Taken], start: datetime, end: datetime) -> Iterator[Stay]:
    """Who is on in [start, end), a part of the edit."""
    if _clears(schedule, edit):
        below: list[tuple[Span, dict[Person, Origin]]] = [((start, end), {})]
    else:
        taken = list(by_turn)
        below = [((a, b), dict.fromkeys(seat, turn)) for a, b, turn, seat in taken]
        below += [(hole, {}) for hole in holes([each[:2] for each in taken], start, end)]
        below.sort(key=_START)
    for (begins, ends), on in below:
        for person, origin in _changed(schedule, edit.overrides, on).items():
            yield Stay(begins, ends, person, origin)


def _changed(schedule: Schedule, overrides: tuple[int, ...], on: dict[Person, Origin]) -> dict[Person, Origin]:
    """Who is on after the overrides, each changing what those before it have made.

    Whoever comes back has what they had: a swap and the swap back leave the shift as it was.
    """
    had = dict(on)
    for place in overrides:
        override = schedule.overrides[place]
        if override.off == EVERYBODY:
            on, had = {}, {}
        elif override.off is not None:
            if override.off not in on:
                continue
            del on[override.off]
        if override.person is not None:
            on.setdefault(override.person, had.setdefault(override.person, place))
    return on


def _joined(found: list[Stay]) -> list[Stay]:
    """Those that go on without a break as one."""
    joined: list[Stay] = []
    last: dict[Person, int] = {}
    for stay in found:
        start, end, person, origin = stay
        place = last.get(person)
        if place is not None and joined[place].end == start and joined[place].origin == origin:
            joined[place] = Stay(joined[place].start, end, person, origin)
        else:
            last[person] = len(joined)
            joined.append(stay)
    return joined


def _whole(schedule: Schedule, level: Level, part: Stay) -> Stay:
    """The stay of which this is a part, as far as it goes."""
    by = schedule.overrides[part.origin] if isinstance(part.origin, int) else part.origin
    for stay in stays(schedule, level, by.start, by.end):
        if (stay.person, stay.origin) == part[2:] and stay.start <= part.start < stay.end:
            return stay
    return part


def _unedited_at(schedule: Schedule, level: Level, at: datetime) -> list[Stay] | None:
    """The stays at `at` as far as they go, told without looking at everything around; None if an override is near."""
    rank = rank_at(schedule, level, at)
    if rank is None:
        return []
    ((_, _, turn, seat),) = turns(schedule, level, rank, at, at + datetime.resolution)
    start, end = stretch(schedule, level, at, rank, turn.start, turn.end)
    if edits(schedule, level, start - datetime.resolution, end + datetime.resolution):
        return None
    return [Stay(start, end, person, turn) for person in seat]


def _shift(schedule: Schedule, level: Level, stay: Stay) -> Shift:
    start, end, person, origin = stay
    if isinstance(origin, int):
        return Shift(schedule.name, level, person, start, end, schedule.overrides[origin].source, None)
    return Shift(schedule.name, level, person, start, end, "rotation", schedule.rotations[origin.rank].name)


def _alone(schedule: Schedule, turn: Turn) -> str:
    rotation = schedule.rotations[turn.rank]
    first = rotation.first_shift_level
    assert first is not None
    new = experience(schedule).first_timers(first, turn.start)
    when = f"in the turn from {turn.start:%Y-%m-%d %H:%M} UTC"
    if all(new.issuperset(seat) for seat in members_at(rotation, turn.number)):
        return (
            f"{schedule.name}: nobody in {rotation.name} is experienced {when},"
            f" so a first-timer is on a level other than {first}: mark somebody experienced."
        )
    return (
        f"{schedule.name}: a first-timer in {rotation.name} is on a level other than {first} {when}, which was told"
        " when nobody experienced was free for it: let the two on it swap levels, or mark somebody experienced."
    )
