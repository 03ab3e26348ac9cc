"""One schedule looked through: each thing that somebody should mend, every time that it happens, in words."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oncall.models import Schedule
from oncall.rota import coverage
from oncall.rota.outlook import AHEAD
from oncall.rota.when import moment
from oncall.timeline import spell
from schedules.conflicts import DoubleBooking, Place, double_bookings, place_of, short_rests
from schedules.last_line import first_timers_alone
from schedules.spans import Span
from schedules.swaps import Piece
from schedules.types import Gap, Person, Shift

Timed = Gap | Shift | DoubleBooking

MARGIN = timedelta(days=8)
"""Gaps are looked for so far beyond the window, so that one of every week is known by its own start and end."""
HOUR = timedelta(hours=1)


class ProblemKind(StrEnum):
    GAP = "gap"
    UNREACHABLE = "unreachable"
    DOUBLE_BOOKING = "double_booking"
    SHORT_REST = "short_rest"
    FIRST_TIMER = "first_timer"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend. `times` says how often it happens; level, start and end are of the first."""

    kind: ProblemKind
    sentence: str
    level: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    person: str | None = None
    """A handle."""
    times: int = 1
    shared: frozenset[Place] = frozenset()
    """The places where somebody is on at once, where these are of two schedules: both tell the same."""

    @property
    def loses_pages(self) -> bool:
        """Nobody would be paged; the others are hard on people, and a warning."""
        return self.kind in (ProblemKind.GAP, ProblemKind.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One occurrence. Those of a kind whose `like` is equal are told as one problem."""

    like: Hashable
    what: str
    advice: str
    problem: Problem


class Inspector:
    """Looks at one schedule."""

    def __init__(
        self, session: Session, schedule: Schedule, now: datetime, reached: Collection[Person], told_in: ZoneInfo
    ) -> None:
        """`reached`: all who can be paged. `told_in`: on whose clock."""
        self._session, self._schedule, self._told_in = session, schedule, told_in
        self._now, self._until = now, now + AHEAD
        self._zone = ZoneInfo(schedule.timezone)
        self._names, self._reached = coverage.names(session), reached

    def gaps(self) -> Iterator[Finding]:
        """Those that begin and end at the same times of the day are alike: hours leave one every night."""
        for gap in coverage.gaps(self._session, self._schedule, self._now - MARGIN, self._until + MARGIN):
            if self._is_ahead(gap):
                yield Finding(
                    like=(gap.level, *(edge.astimezone(self._zone).time() for edge in (gap.start, gap.end))),
                    what=f"Nobody is on {gap.level} {self._lasting(gap)}",
                    advice="add a rotation or an override",
                    problem=Problem(ProblemKind.GAP, "", gap.level, *self._clipped(gap)),
                )

    def unreachable(self, shifts: Iterable[Shift]) -> Iterator[Finding]:
        """With the first shift of each."""
        first: dict[str, Shift] = {}
        for shift in filter(self._is_ahead, shifts):
            first.setdefault(shift.person, shift)
        for handle, shift in first.items():
            if handle not in self._reached:
                when = f"from {self._moment(shift.start)}" if shift.start > self._now else "now"
                yield Finding(
                    like=handle,
                    what=f"{self._name(handle)} is on {shift.level} {when} and has no verified contact method",
                    advice="they add one on their page, or an admin in the config file",
                    problem=Problem(ProblemKind.UNREACHABLE, "", shift.level, shift.start, shift.end, handle),
                )

    def double_bookings(self, shifts: Iterable[Shift]) -> Iterator[Finding]:
        for booking in double_bookings(shifts):
            own = self._own(booking.first, booking.second)
            if own and self._is_ahead(booking):
                both = sorted((booking.first, booking.second), key=self._from_here)
                yield Finding(
                    like=(own.person, *map(place_of, both)),
                    what=f"{self._name(own.person)} is on {self._place(both[0])} and {self._place(both[1])} at once "
                    f"{self._lasting(booking)}",
                    advice=f"{_harm(booking)}; put somebody else on one of them",
                    problem=Problem(
                        ProblemKind.DOUBLE_BOOKING,
                        "",
                        own.level,
                        *self._clipped(booking),
                        person=own.person,
                        shared=_shared(booking),
                    ),
                )

    def short_rests(self, shifts: Iterable[Shift]) -> Iterator[Finding]:
        least = timedelta(hours=self._schedule.rest_hours)
        for pair in short_rests(shifts, least):
            before, after = pair.before, pair.after
            own = self._own(after, before)
            if own and self._now < after.start < self._until:
                rest = f"only {spell(pair.rest)} of rest" if pair.rest else "no rest"
                yield Finding(
                    like=(own.person, place_of(before), place_of(after)),
                    what=f"{self._name(own.person)} has {rest} between {self._place(before)} and {self._place(after)} "
                    f"before {self._moment(after.start)}, where {least // HOUR} h are set",
                    advice="swap one of the two shifts, or put somebody else on",
                    problem=Problem(ProblemKind.SHORT_REST, "", own.level, before.end, after.start, own.person),
                )

    def too_new(self, shifts: Sequence[Shift]) -> Iterator[Finding]:
        """First-timers put by somebody, and not by their turn, where they are the last line or alone."""
        plan = coverage.plan_of(self._session, self._schedule)
        for shift in shifts:
            if shift.source == "rotation" or not self._is_ahead(shift):
                continue
            piece = Piece(plan.name, shift.level, "", shift.person, *self._clipped(shift))
            for reason in first_timers_alone(plan, piece, (), shifts):
                yield Finding(
                    like=(shift.person, shift.level),
                    what=f"{self._name(shift.person)}, who is on {shift.level} {self._lasting(shift)}, {reason}",
                    advice="put somebody experienced on, or mark them experienced",
                    problem=Problem(
                        ProblemKind.FIRST_TIMER, "", shift.level, piece.start, piece.end, person=shift.person
                    ),
                )

    def _own(self, *shifts: Shift) -> Shift | None:
        """The first of them that is on this schedule."""
        return next((shift for shift in shifts if shift.schedule == self._schedule.name), None)

    def _from_here(self, shift: Shift) -> tuple[bool, Place]:
        """For sorting: this schedule's first."""
        return shift.schedule != self._schedule.name, place_of(shift)

    def _is_ahead(self, what: Timed) -> bool:
        return what.start < self._until and what.end > self._now

    def _clipped(self, what: Timed) -> Span:
        return max(what.start, self._now), min(what.end, self._until)

    def _lasting(self, what: Timed) -> str:
        """From when to when, as far as it can be seen."""
        if what.start <= self._now:
            return (
                f"now, until {self._moment(what.end)}"
                if what.end < self._until
                else f"now and for {AHEAD.days} days at least"
            )
        end = f"to {self._moment(what.end)}" if what.end < self._until + MARGIN else "on"
        return f"from {self._moment(what.start)} {end}"

    def _moment(self, at: datetime) -> str:
        return moment(at, self._told_in)

    def _name(self, handle: str) -> str:
        return self._names[handle]

    def _place(self, shift: Shift) -> str:
        return shift.level if shift.schedule == self._schedule.name else f"{shift.level} of {shift.schedule}"


def _shared(booking: DoubleBooking) -> frozenset[Place]:
    is_of_one = booking.first.schedule == booking.second.schedule
    return frozenset() if is_of_one else frozenset(map(place_of, (booking.first, booking.second)))


def _harm(booking: DoubleBooking) -> str:
    if booking.first.schedule == booking.second.schedule:
        return "a page that escalates would reach the same person again"
    return "two alerts at once would have one person"
