"""Pure: a schedule drawn as lanes over days. Places are shares of the window, so that days may have 23 hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.coverage import OnCall
from schedules.types import Gap
from schedules.wallclock import to_utc
from web.pages.track import COLUMNS, column, place


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

    def column(self, moment: datetime) -> int:
        """Clipped to the window."""
        return column((moment - self.start) / (self.end - self.start))

    def place(self, start: datetime, end: datetime) -> str:
        return place(self.column(start), self.column(end))


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
    place: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    place: str
    is_today: bool
    is_weekend: bool


@dataclass(frozen=True, slots=True)
class Chart:
    days: list[Day]
    lanes: dict[str, list[Block]]
    now: str
    """Where the line is; empty outside the window."""


def entries_of(shifts: Sequence[OnCall], gaps: Sequence[Gap]) -> list[Entry]:
    """By start; levels in the order of the shifts."""
    found = [Entry(shift.level, shift, shift.start, shift.end) for shift in shifts]
    found += [Entry(gap.level, None, gap.start, gap.end) for gap in gaps]
    return sorted(found, key=lambda entry: (entry.start, entry.level))


def draw(levels: Sequence[str], entries: Sequence[Entry], window: Window, now: datetime) -> Chart:
    lanes = {level: _lane([entry for entry in entries if entry.level == level], window, now) for level in levels}
    is_inside = window.start <= now < window.end
    return Chart(list(_days(window, now)), lanes, window.place(now, now) if is_inside else "")


def _lane(entries: Sequence[Entry], window: Window, now: datetime) -> list[Block]:
    """The grid puts what overlaps on rows below each other. What only seems to, since it is too short to be drawn
    to scale, moves those after it by a column.
    """
    blocks: list[Block] = []
    ends: list[tuple[datetime, int]] = []
    for entry in entries:
        row = next((row for row, (end, _) in enumerate(ends) if end <= entry.start), len(ends))
        first = min(max([window.column(entry.start), *(line for _, line in ends[row : row + 1])]), COLUMNS)
        last = max(window.column(entry.end), first + 1)
        ends[row : row + 1] = [(entry.end, last)]
        blocks.append(Block(entry, place(first, last), entry.end <= now))
    return blocks


def _days(window: Window, now: datetime) -> Iterator[Day]:
    today = now.astimezone(window.zone).date()
    for number in range(window.days):
        on = window.first + timedelta(days=number)
        where = window.place(window.midnight(number), window.midnight(number + 1))
        yield Day(on, where, on == today, on.weekday() >= 5)


def by_day(entries: Sequence[Entry], window: Window) -> dict[date, list[Entry]]:
    """Who comes on when: entries under the day on which they begin, those already running under the first."""
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        begins = max(entry.start, window.start).astimezone(window.zone).date()
        days.setdefault(begins, []).append(entry)
    return days
