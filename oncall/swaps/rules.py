"""The rules of swaps, asked of the tables; what they are is in `schedules/swap_rules.py`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.delivery.reachable import reachable
from oncall.models import Absence, Schedule, SwapPiece
from oncall.rota import coverage
from schedules.spans import Span, merge
from schedules.swap_rules import Strictness, objections
from schedules.swaps import Ground, Piece, Taker
from schedules.types import Shift


class Window(NamedTuple):
    """A level of a schedule for [start, end): what a swap is about, whoever has it."""

    schedule: Schedule
    level: str
    start: datetime
    end: datetime


def windows_of(session: Session, pieces: Iterable[SwapPiece]) -> list[Window]:
    return [Window(session.get_one(Schedule, row.schedule_id), row.level, row.starts_at, row.ends_at) for row in pieces]


def ground(
    session: Session, windows: Sequence[Window], *, on_call_too: bool = False, told_in: ZoneInfo | None = None
) -> Ground:
    """Loads what the rules need, once for a swap. `on_call_too`: whoever is on the schedule then is eligible.
    `told_in`: on whose clock a page tells its times.
    """
    own = {window.schedule.name: window.schedule for window in windows}
    rest = {name: timedelta(hours=schedule.rest_hours) for name, schedule in own.items()}
    around = max(rest.values(), default=timedelta())
    shifts = _shifts(session, merge((window.start - around, window.end + around) for window in windows))
    eligible = {
        (name, level): people for name, row in own.items() for level, people in coverage.takers(session, row).items()
    }
    if on_call_too:
        for window in windows:
            met = {s.person for s in shifts if s.schedule == window.schedule.name and s.start <= window.start < s.end}
            eligible[window.schedule.name, window.level] |= met
    return Ground(
        plans={name: coverage.plan_of(session, schedule) for name, schedule in own.items()},
        rest=rest,
        shifts=shifts,
        eligible=eligible,
        names=coverage.names(session),
        told_in=told_in,
    )


NOBODY_YET = ""


def pure(session: Session, pieces: Iterable[SwapPiece]) -> list[Piece]:
    """As the rules know them; the taker is NOBODY_YET where whoever accepts will be."""
    handles = coverage.everybody(session)
    return [
        Piece(
            session.get_one(Schedule, row.schedule_id).name,
            row.level,
            handles[row.giver_id],
            handles[row.taker_id] if row.taker_id is not None else NOBODY_YET,
            row.starts_at,
            row.ends_at,
        )
        for row in pieces
    ]


def objections_by_person(
    session: Session, people: Collection[int], pieces: Sequence[SwapPiece], known: Ground, strict: Strictness
) -> dict[int, list[str]]:
    """For each of them, by id, why they can't take what they would take; an empty list is no objection."""
    drafts = pure(session, pieces)

    def taken_by(person: str) -> list[Piece]:
        return [draft._replace(taker=person) if draft.taker == NOBODY_YET else draft for draft in drafts]

    return {
        user_id: objections(taker, taken_by(taker.person), known, strict)
        for user_id, taker in takers_of(session, people, *around(pieces)).items()
    }


def objections_to_each(
    session: Session, user_id: int, pieces: Sequence[SwapPiece], known: Ground, strict: Strictness
) -> list[list[str]]:
    """For each of the pieces, which are of swaps of their own, why this person, its taker, can't take it."""
    taker = takers_of(session, [user_id], *around(pieces))[user_id]
    return [objections(taker, [piece], known, strict) for piece in pure(session, pieces)]


def around(pieces: Collection[SwapPiece]) -> Span:
    """From the first of them to the last."""
    return min(row.starts_at for row in pieces), max(row.ends_at for row in pieces)


def takers_of(session: Session, people: Collection[int], start: datetime, end: datetime) -> dict[int, Taker]:
    """Of what lies in [start, end)."""
    handles, known, reached = coverage.everybody(session), coverage.people(session), reachable(session)
    away = _away(session, people, start, end)
    found = {user_id: known[handles[user_id]] for user_id in people}
    return {
        user_id: Taker(each.handle, each.name, each.is_retired, each.handle in reached, tuple(merge(away[user_id])))
        for user_id, each in found.items()
    }


def _shifts(session: Session, spans: Iterable[Span]) -> list[Shift]:
    """Of everybody on all schedules: people are shared."""
    found = {shift: None for start, end in spans for shift in coverage.all_shifts(session, start, end)}
    return sorted(found, key=lambda shift: shift.start)


def _away(session: Session, people: Collection[int], start: datetime, end: datetime) -> Mapping[int, list[Span]]:
    rows = select(Absence).where(
        col(Absence.user_id).in_(people), col(Absence.ends_at) > start, col(Absence.starts_at) < end
    )
    away: dict[int, list[Span]] = defaultdict(list)
    for absence in session.exec(rows):
        away[absence.user_id].append((absence.starts_at, absence.ends_at))
    return away
