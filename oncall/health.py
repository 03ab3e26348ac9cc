"""What in a schedule somebody should mend before it is night: gaps, people who can't be paged, too much for one person.

The sentences are the same on pages, in the API and in `oncall doctor`: what, when (with the zone named), what to do.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from oncall import coverage
from oncall.delivery.outbox import Reach
from oncall.installation import installation
from oncall.models import ContactMethod, Schedule
from oncall.outlook import AHEAD, outlook
from oncall.timeline import spell
from schedules.conflicts import DoubleBooking, Place, double_bookings, place_of, short_rests
from schedules.last_line import first_timers_alone
from schedules.spans import Span
from schedules.swaps import Piece
from schedules.types import Gap, Shift

Timed = Gap | Shift | DoubleBooking

MARGIN = timedelta(days=8)
"""Gaps are looked for so far beyond the window, so that one of every week is known by its own start and end."""
HOUR = timedelta(hours=1)
COUNTS_LAST = timedelta(minutes=10)
MOST_SAID = 8
"""Of one schedule, the gravest, to somebody who has changed several."""

_counted: dict[tuple[str, int, int], dict[str, int]] = {}
_lock = Lock()


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
class _Finding:
    """One occurrence. Those of a kind whose `like` is equal are told as one problem."""

    like: Hashable
    what: str
    advice: str
    problem: Problem


def problems(session: Session, schedule: Schedule, now: datetime) -> list[Problem]:
    """Everything to mend in the next 90 days: what loses pages first, then the soonest."""
    ahead = outlook(session, now)
    own = ahead.of_schedule.get(schedule.name, [])
    people = {shift.person for shift in own}
    theirs = [shift for person in people for shift in ahead.of_person[person]]
    inspector = _Inspector(session, schedule, now, people)
    found = [
        *inspector.gaps(),
        *inspector.unreachable(own),
        *inspector.double_bookings(theirs),
        *inspector.short_rests(theirs),
        *inspector.too_new(own),
    ]
    alike: dict[Hashable, list[_Finding]] = defaultdict(list)
    for finding in found:
        alike[finding.problem.kind, finding.like].append(finding)
    told = [_told(findings, ZoneInfo(schedule.timezone)) for findings in alike.values()]
    told.sort(key=lambda problem: (not problem.loses_pages, problem.start))
    return [*told, *_new_in_turn(session, schedule, now)]


def told_once(
    session: Session, schedules: Iterable[Schedule], now: datetime
) -> Iterator[tuple[Schedule, list[Problem]]]:
    """Everything to mend in each: what two of them share is told of the first, and a list is empty if there is nothing.

    A schedule that has only what others have told is left out.
    """
    told: set[tuple[str | None, frozenset[Place]]] = set()
    for schedule in schedules:
        found = problems(session, schedule, now)
        new = [each for each in found if not each.shared or (each.person, each.shared) not in told]
        told |= {(each.person, each.shared) for each in new}
        if new or not found:
            yield schedule, new


def warnings(session: Session, names: Collection[str], now: datetime) -> list[str]:
    """What is to mend in the schedules of these names, for whoever has just changed them."""
    rows = session.exec(select(Schedule).where(col(Schedule.name).in_(names)).order_by(col(Schedule.name)))
    return [sentence for schedule, found in told_once(session, rows.all(), now) for sentence in _said(schedule, found)]


def _said(schedule: Schedule, found: Sequence[Problem]) -> Iterator[str]:
    for problem in found[:MOST_SAID]:
        yield f"Schedule {schedule.name}: {problem.sentence}"
    if len(found) > MOST_SAID:
        yield f"Schedule {schedule.name}: {len(found) - MOST_SAID} more on its page and in “oncall doctor”."


def problem_counts(session: Session, now: datetime) -> dict[str, int]:
    """How many each schedule has, by name, if it has any. Up to COUNTS_LAST old, since home asks all the time.

    One request counts at a time, or each would slow down all; the others meanwhile get the counts of before.
    """
    known = installation(session)
    key = known.revision, usable_methods(session), int(now.timestamp() // COUNTS_LAST.total_seconds())
    before = _counted.copy()
    if key in before:
        return before[key]
    if not _lock.acquire(blocking=not before):
        return next(iter(before.values()))
    try:
        if key not in _counted:
            rows = session.exec(select(Schedule).order_by(col(Schedule.name)))
            counts = {row.name: count for row in rows if (count := len(problems(session, row, now)))}
            _counted.clear()
            _counted[key] = counts
        return _counted[key]
    finally:
        _lock.release()


def usable_methods(session: Session) -> int:
    """How many contact methods of people count: fewer than a moment ago, and somebody may not be reached any more."""
    usable = col(ContactMethod.verified_at).is_not(None) & col(ContactMethod.disabled_at).is_(None)
    return session.exec(select(func.count()).select_from(ContactMethod).where(usable)).one()


def _told(findings: list[_Finding], zone: ZoneInfo) -> Problem:
    """As one problem; they come by start."""
    first, last = findings[0], findings[-1]
    more = _more(findings, last.problem, zone) if len(findings) > 1 else ""
    return replace(first.problem, sentence=f"{first.what}{more}: {first.advice}.", times=len(findings))


def _more(findings: list[_Finding], last: Problem, zone: ZoneInfo) -> str:
    count = "once" if len(findings) == 2 else f"{len(findings) - 1} times"
    assert last.end is not None
    more = f", and {count} more like this until {_moment(last.end, zone)}"
    if last.kind is ProblemKind.SHORT_REST:
        return more
    spans = [(finding.problem.start, finding.problem.end) for finding in findings]
    total = sum((end - start for start, end in spans if start and end), timedelta())
    return f"{more}, {round(total / HOUR):,} hours in all"


def _new_in_turn(session: Session, schedule: Schedule, now: datetime) -> Iterator[Problem]:
    """First-timers whom a rotation leaves where they don't belong, because it has nobody else."""
    for sentence in coverage.warnings(session, schedule, now, now + AHEAD):
        what = sentence.removeprefix(f"{schedule.name}: ")
        yield Problem(ProblemKind.FIRST_TIMER, what[:1].upper() + what[1:])


class _Inspector:
    """Looks at one schedule; knows its people's names and whether they can be reached."""

    def __init__(self, session: Session, schedule: Schedule, now: datetime, people: Iterable[str]) -> None:
        self._session, self._schedule = session, schedule
        self._now, self._until = now, now + AHEAD
        self._zone = ZoneInfo(schedule.timezone)
        ids = coverage.handles_to_ids(session)
        self._ids = {handle: ids[handle] for handle in people}
        self._reach = Reach(session)
        self._reach.load(self._ids.values())

    def gaps(self) -> Iterator[_Finding]:
        """Those that begin and end at the same times of the day are alike: hours leave one every night."""
        for gap in coverage.gaps(self._session, self._schedule, self._now - MARGIN, self._until + MARGIN):
            if self._is_ahead(gap):
                yield _Finding(
                    like=(gap.level, *(edge.astimezone(self._zone).time() for edge in (gap.start, gap.end))),
                    what=f"Nobody is on {gap.level} {self._lasting(gap)}",
                    advice="add a rotation or an override",
                    problem=Problem(ProblemKind.GAP, "", gap.level, *self._clipped(gap)),
                )

    def unreachable(self, shifts: Iterable[Shift]) -> Iterator[_Finding]:
        """With the first shift of each."""
        first: dict[str, Shift] = {}
        for shift in filter(self._is_ahead, shifts):
            first.setdefault(shift.person, shift)
        for handle, shift in first.items():
            if not self._reach.can_be_reached(self._ids[handle]):
                when = f"from {self._moment(shift.start)}" if shift.start > self._now else "now"
                yield _Finding(
                    like=handle,
                    what=f"{self._name(handle)} is on {shift.level} {when} and has no verified contact method",
                    advice="they add one on their page, or an admin in the config file",
                    problem=Problem(ProblemKind.UNREACHABLE, "", shift.level, shift.start, shift.end, handle),
                )

    def double_bookings(self, shifts: Iterable[Shift]) -> Iterator[_Finding]:
        for booking in double_bookings(shifts):
            own = self._own(booking.first, booking.second)
            if own and self._is_ahead(booking):
                both = sorted((booking.first, booking.second), key=self._from_here)
                yield _Finding(
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

    def short_rests(self, shifts: Iterable[Shift]) -> Iterator[_Finding]:
        least = timedelta(hours=self._schedule.rest_hours)
        for pair in short_rests(shifts, least):
            before, after = pair.before, pair.after
            own = self._own(after, before)
            if own and self._now < after.start < self._until:
                rest = f"only {spell(pair.rest)} of rest" if pair.rest else "no rest"
                yield _Finding(
                    like=(own.person, place_of(before), place_of(after)),
                    what=f"{self._name(own.person)} has {rest} between {self._place(before)} and {self._place(after)} "
                    f"before {self._moment(after.start)}, where {least // HOUR} h are set",
                    advice="swap one of the two shifts, or put somebody else on",
                    problem=Problem(ProblemKind.SHORT_REST, "", own.level, before.end, after.start, own.person),
                )

    def too_new(self, shifts: Sequence[Shift]) -> Iterator[_Finding]:
        """First-timers put by somebody, and not by their turn, where they are the last line or alone."""
        plan = coverage.plan_of(self._session, self._schedule)
        for shift in shifts:
            if shift.source == "rotation" or not self._is_ahead(shift):
                continue
            piece = Piece(plan.name, shift.level, "", shift.person, *self._clipped(shift))
            for reason in first_timers_alone(plan, piece, (), shifts):
                yield _Finding(
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
        return _moment(at, self._zone)

    def _name(self, handle: str) -> str:
        return self._reach.users[self._ids[handle]].name

    def _place(self, shift: Shift) -> str:
        return shift.level if shift.schedule == self._schedule.name else f"{shift.level} of {shift.schedule}"


def _shared(booking: DoubleBooking) -> frozenset[Place]:
    is_of_one = booking.first.schedule == booking.second.schedule
    return frozenset() if is_of_one else frozenset(map(place_of, (booking.first, booking.second)))


def _harm(booking: DoubleBooking) -> str:
    if booking.first.schedule == booking.second.schedule:
        return "a page that escalates would reach the same person again"
    return "two alerts at once would have one person"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """Mon 5 Jan 10:00 EST: within the months that are looked at no year is needed."""
    return f"{at.astimezone(zone):%a %-d %b %H:%M %Z}"
