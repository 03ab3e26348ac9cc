"""Pure: a schedule drawn as lanes over days. Places are percentages of the window, so that days may have 23 hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.coverage import OnCall
from schedules.types import Gap
from schedules.wallclock import to_utc


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days on the reader's clock; `start` and `end` are aware UTC."""

    first: date
    days: int
    zone: ZoneInfo

    def midnight(self, number: int) -> datetime:
        return to_utc(datetime.combine(self.first + timedelta(days=number), time()), self.zone)

    @property
    def start(self) -> datetime:
        return self.midnight(0)

    @property
    def end(self) -> datetime:
        return self.midnight(self.days)

    def percent(self, moment: datetime) -> float:
        return round(100 * ((moment - self.start) / (self.end - self.start)), 3)


@dataclass(frozen=True, slots=True)
class Entry:
    """A shift, or a gap where `shift` is None."""

    level: str
    shift: OnCall | None
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """An entry on its lane, clipped to the window."""

    entry: Entry
    left: float
    width: float
    is_past: bool
    row: int
    """On lanes where several people are on at once."""


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    left: float
    width: float
    is_today: bool
    is_weekend: bool


@dataclass(frozen=True, slots=True)
class Chart:
    days: list[Day]
    lanes: dict[str, list[Block]]
    rows: dict[str, int]
    """How many people are on each lane at once, at most."""
    now: float | None
    """Where the line is; None outside the window."""


def entries_of(shifts: Sequence[OnCall], gaps: Sequence[Gap]) -> list[Entry]:
    """By start; levels in the order of the shifts."""
    found = [Entry(shift.level, shift, shift.start, shift.end) for shift in shifts]
    found += [Entry(gap.level, None, gap.start, gap.end) for gap in gaps]
    return sorted(found, key=lambda entry: (entry.start, entry.level))


def draw(levels: Sequence[str], entries: Sequence[Entry], window: Window, now: datetime) -> Chart:
    lanes = {level: _lane([entry for entry in entries if entry.level == level], window, now) for level in levels}
    rows = {level: 1 + max((block.row for block in blocks), default=0) for level, blocks in lanes.items()}
    is_inside = window.start <= now < window.end
    return Chart(list(_days(window, now)), lanes, rows, window.percent(now) if is_inside else None)


def _lane(entries: Sequence[Entry], window: Window, now: datetime) -> list[Block]:
    """Each on the first row that is free when it starts."""
    blocks: list[Block] = []
    free_from: list[datetime] = []
    for entry in entries:
        row = next((row for row, end in enumerate(free_from) if end <= entry.start), len(free_from))
        free_from[row : row + 1] = [entry.end]
        left, right = window.percent(max(entry.start, window.start)), window.percent(min(entry.end, window.end))
        blocks.append(Block(entry, left, round(right - left, 3), entry.end <= now, row))
    return blocks


def _days(window: Window, now: datetime) -> Iterator[Day]:
    today = now.astimezone(window.zone).date()
    for number in range(window.days):
        on = window.first + timedelta(days=number)
        left, right = window.percent(window.midnight(number)), window.percent(window.midnight(number + 1))
        yield Day(on, left, round(right - left, 3), on == today, on.weekday() >= 5)


def by_day(entries: Sequence[Entry], window: Window) -> dict[date, list[Entry]]:
    """Who comes on when: entries under the day on which they begin, those already running under the first."""
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        begins = max(entry.start, window.start).astimezone(window.zone).date()
        days.setdefault(begins, []).append(entry)
    return days
