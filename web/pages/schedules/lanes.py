"""Pure: a schedule drawn as lanes over time. Places are shares of the window, so that days may have 23 hours."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from schedules import resolve, types
from schedules.compare import Move
from schedules.spans import Span, clip
from schedules.stack import Layer, is_first, stack
from web.pages.schedules.blocks import Block, Entry, Who
from web.pages.schedules.timeline import View, Window
from web.pages.schedules.track import COLUMNS, column, place

HOUR = timedelta(hours=1)
DAY_VIEW_HOURS = 3
"""A day's clock is written so many hours apart."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is told beside the schedule itself, by handle and by day."""

    people: Mapping[str, Who]
    away: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    holidays: Mapping[date, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tick:
    """A day, or an hour of the only one."""

    at: datetime
    place: str
    label: str
    """Of a day its number, of the first its month; where days are narrow, only of Mondays."""
    weekday: str
    is_today: bool
    is_shaded: bool
    """At weekends and on holidays."""


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    kind: str
    blocks: list[Block]
    shades: list[str]
    """Where whoever is on is away."""
    below: list["Lane"]
    """Its layers, the one that wins first."""


@dataclass(frozen=True, slots=True)
class Chart:
    ticks: list[Tick]
    lanes: list[Lane]
    away: Lane
    """Absences of those who are on in the window."""
    holidays: list[tuple[date, str]]
    now: str
    """Where the line is; empty outside the window."""
    entries: list[Entry]
    """What is on the lanes, by when it starts in the window and then by level."""


def draw(
    plan: types.Schedule, shifts: Iterable[types.Shift], around: Around, view: View, window: Window, now: datetime
) -> Chart:
    """`shifts`: the final ones of the window."""
    entries = _entries(plan, shifts, around, window)
    told = {entry.level for entry in entries}.union(plan.levels)
    lanes = [_level(plan, level, entries, around, window, now) for level in _levels(plan) if level in told]
    away = _lane("Away", "away", _absences(around), window, now)
    holidays = [(on, text) for on, texts in sorted(around.holidays.items()) for text in texts]
    line = placed(window, now, now) if window.start <= now < window.end else ""
    ticks = list(_hours(window) if view is View.DAY else _days(view, window, now, around.holidays))
    return Chart(ticks, lanes, away, holidays, line, entries)


def marks(moves: Iterable[Move], window: Window) -> dict[str, list[str]]:
    """By level, the places of what changes hands."""
    found: dict[str, list[str]] = {}
    for move in moves:
        if move.start < window.end and window.start < move.end:
            found.setdefault(move.level, []).append(placed(window, move.start, move.end))
    return found


def by_day(entries: Iterable[Entry], window: Window) -> dict[date, list[Entry]]:
    """Who comes on when: entries under the day on which they begin, those already running under the first."""
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        begins = max(entry.start, window.start).astimezone(window.zone).date()
        days.setdefault(begins, []).append(entry)
    return days


def _entries(plan: types.Schedule, shifts: Iterable[types.Shift], around: Around, window: Window) -> list[Entry]:
    found = [_shift(plan, shift, around) for shift in shifts]
    found += [Entry(gap.level, "gap", gap.start, gap.end) for gap in resolve.gaps(plan, window.start, window.end)]
    place_of = {level: place for place, level in enumerate(_levels(plan))}
    return sorted(found, key=lambda entry: (max(entry.start, window.start), place_of[entry.level], entry.start))


def _levels(plan: types.Schedule) -> tuple[str, ...]:
    return (*plan.levels, *plan.former)


def _shift(plan: types.Schedule, shift: types.Shift, around: Around) -> Entry:
    away = tuple(clip(around.away.get(shift.person, ()), shift.start, shift.end))
    who = around.people[shift.person]
    return Entry(shift.level, shift.source, shift.start, shift.end, who, is_first(plan, shift), away)


def _level(
    plan: types.Schedule, level: str, entries: Iterable[Entry], around: Around, window: Window, now: datetime
) -> Lane:
    own = [entry for entry in entries if entry.level == level]
    layers = [_layer(layer, level, around, window, now) for layer in stack(plan, level, window.start, window.end)]
    return _lane(level, "level", own, window, now, layers)


def _layer(layer: Layer, level: str, around: Around, window: Window, now: datetime) -> Lane:
    entries = [
        Entry(level, layer.source, part.start, part.end, around.people[part.person])
        if part.person is not None
        else Entry(level, "nobody", part.start, part.end)
        for part in layer.parts
    ]
    return _lane(layer.name, layer.source, entries, window, now)


def _absences(around: Around) -> list[Entry]:
    found = [
        Entry("", "away", start, end, around.people[handle])
        for handle, spans in around.away.items()
        for start, end in spans
    ]
    return sorted(found, key=lambda entry: entry.start)


def _lane(
    name: str, kind: str, entries: Sequence[Entry], window: Window, now: datetime, below: Sequence[Lane] = ()
) -> Lane:
    shades = [placed(window, *span) for entry in entries for span in clip(entry.away, window.start, window.end)]
    return Lane(name, kind, _blocks(entries, window, now), shades, list(below))


def _blocks(entries: Sequence[Entry], window: Window, now: datetime) -> list[Block]:
    """The grid puts what overlaps on rows below each other. What only seems to, since it is too short to be drawn
    to scale, moves those after it by a column.
    """
    blocks: list[Block] = []
    ends: list[tuple[datetime, int]] = []
    for entry in entries:
        row = next((row for row, (end, _) in enumerate(ends) if end <= entry.start), len(ends))
        first = min(max([_column(window, entry.start), *(line for _, line in ends[row : row + 1])]), COLUMNS)
        last = max(_column(window, entry.end), first + 1)
        ends[row : row + 1] = [(entry.end, last)]
        blocks.append(Block(entry, place(first, last), entry.end <= now))
    return blocks


def _hours(window: Window) -> Iterator[Tick]:
    """Of a day, which may have 23 of them, or 25."""
    for number in range((window.end - window.start) // HOUR):
        at = window.start + number * HOUR
        local = at.astimezone(window.zone)
        text = f"{local:%H}" if local.hour % DAY_VIEW_HOURS == 0 else ""
        yield Tick(at, placed(window, at, at + HOUR), text, "", is_today=False, is_shaded=False)


def _days(view: View, window: Window, now: datetime, holidays: Container[date]) -> Iterator[Tick]:
    today = now.astimezone(window.zone).date()
    for number in range(window.days):
        on, start, end = window.day(number), window.midnight(number), window.midnight(number + 1)
        shaded = on.weekday() >= 5 or on in holidays
        yield Tick(start, placed(window, start, end), _label(view, on), _weekday(view, on), on == today, shaded)


def _label(view: View, on: date) -> str:
    if view is View.QUARTER:
        return f"{on.day} {on:%b}" if on.weekday() == 0 else ""
    return f"{on:%b}" if view is View.MONTH and on.day == 1 else str(on.day)


def _weekday(view: View, on: date) -> str:
    return f"{on:%a}" if view in (View.WEEK, View.WEEKS) else ""


def _column(window: Window, moment: datetime) -> int:
    """Clipped to the window."""
    return column((moment - window.start) / (window.end - window.start))


def placed(window: Window, start: datetime, end: datetime) -> str:
    return place(_column(window, start), _column(window, end))
