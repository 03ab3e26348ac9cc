"""Reading what a swap is about: parts of shifts, checked, and turned into pieces that go from one person to another."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.errors import BadInput, Conflict
from oncall.models import Schedule, SwapPiece
from oncall.moments import check_near
from oncall.names import is_storable
from oncall.rota.coverage import handles_to_ids
from oncall.rota.overrides import check_level
from oncall.swaps.rules import Window, pure
from schedules.spans import Span, holes
from schedules.swaps import Ground, not_the_givers
from schedules.types import Shift

MOST_PIECES = 20
LONGEST_NOTE = 500
FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Part:
    """A shift, or a part of one, as somebody asks for it."""

    schedule: Schedule
    level: str
    start: datetime
    end: datetime


def windows(parts: Sequence[Part], field: str, now: datetime) -> list[Window]:
    """What has begun begins now. Raises BadInput that names the field, such as pieces[0].end."""
    if not parts:
        raise BadInput("Say which shift: at least one piece.", field=field)
    if len(parts) > MOST_PIECES:
        raise BadInput(f"A swap has {MOST_PIECES} pieces at most.", field=field)
    found = [_window(part, f"{field}[{i}]", now) for i, part in enumerate(parts)]
    for i, window in enumerate(found):
        if any(_overlap(window, other) for other in found[:i]):
            raise BadInput("Two pieces of the swap overlap: name each time once.", field=f"{field}[{i}]")
    return found


def _window(part: Part, field: str, now: datetime) -> Window:
    check_near(part.start, f"{part.start:%Y-%m-%d %H:%M}", f"{field}.start")
    check_near(part.end, f"{part.end:%Y-%m-%d %H:%M}", f"{field}.end")
    check_level(part.schedule, part.level, f"{field}.level")
    if part.end <= part.start:
        raise BadInput("The piece ends before it starts.", field=f"{field}.end")
    if part.end <= now:
        raise BadInput("The piece is wholly in the past, and past time can't be swapped.", field=f"{field}.end")
    if part.end - now > FARTHEST:
        raise BadInput("The piece is more than a year ahead: ask nearer to it.", field=f"{field}.end")
    return Window(part.schedule, part.level, max(part.start, now), part.end)


def _overlap(one: Window, other: Window) -> bool:
    is_one_place = (one.schedule.id, one.level) == (other.schedule.id, other.level)
    return is_one_place and one.start < other.end and other.start < one.end


def whose(session: Session, found: Sequence[Window], known: Ground, field: str, named: Collection[str] = ()) -> int:
    """The id of the one person whose all of it is; where several are on together, the one of the handles `named`.

    Raises BadInput.
    """
    there = [known.holders(window.schedule.name, window.level, window.start, window.end) for window in found]
    for i, shifts in enumerate(there):
        if not shifts:
            raise BadInput("Nobody is on call there then, so there is nobody to ask.", field=f"{field}[{i}]")
    throughout = set.intersection(*(_throughout(*pair) for pair in zip(found, there, strict=True)))
    meant = throughout.intersection(named) or throughout or {shift.person for shifts in there for shift in shifts}
    if len(meant) > 1:
        names = " and ".join(sorted(map(known.name, meant)))
        if throughout:
            raise BadInput(f"{names} are on call together then: say whom you ask.", field="to")
        last = max(i for i, shifts in enumerate(there) if any(shift.person in meant for shift in shifts))
        raise BadInput(f"These are shifts of {names}: ask each of them on their own.", field=f"{field}[{last}]")
    return handles_to_ids(session)[meant.pop()]


def _throughout(window: Window, shifts: Iterable[Shift]) -> set[str]:
    """Who is on for all of it."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for shift in shifts:
        spans[shift.person].append((shift.start, shift.end))
    return {person for person, held in spans.items() if not holes(held, window.start, window.end)}


def piece(window: Window, giver_id: int, taker_id: int | None) -> SwapPiece:
    """Not stored yet, and of no swap yet."""
    return SwapPiece(
        swap_id=0,
        schedule_id=window.schedule.id or 0,
        level=window.level,
        giver_id=giver_id,
        taker_id=taker_id,
        starts_at=window.start,
        ends_at=window.end,
    )


def check_givers(session: Session, rows: Sequence[SwapPiece], known: Ground, field: str) -> None:
    """Raises BadInput for the first piece that is not its giver's shift."""
    for i, one in enumerate(pure(session, rows)):
        if problem := not_the_givers(one, known):
            raise BadInput(f"{problem} Only somebody's own shift can change hands.", field=f"{field}[{i}]")


def check_note(note: str) -> None:
    """Raises BadInput."""
    if len(note.strip()) > LONGEST_NOTE or not is_storable(note):
        raise BadInput(f"The note must be text of {LONGEST_NOTE} characters or fewer.", field="note")


def still_to_come(rows: Sequence[SwapPiece], now: datetime) -> None:
    """What has begun goes from now on. Raises Conflict when a piece is over."""
    for row in rows:
        if row.ends_at <= now:
            raise Conflict("A piece of this swap is over, and past time can't be swapped.")
        row.starts_at = max(row.starts_at, now)
