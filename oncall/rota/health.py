"""What in a schedule somebody should mend before it is night: gaps, people who can't be paged, too much for one person.

The sentences are the same on pages, in the API and in `oncall doctor`: what, when (with the zone named, on a page that
on whose clock the page is), what to do.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from oncall.delivery.reachable import USABLE, reachable
from oncall.installation import installation
from oncall.models import ContactMethod, Schedule
from oncall.rota import coverage
from oncall.rota.inspector import HOUR, Finding, Inspector, Problem, ProblemKind
from oncall.rota.outlook import AHEAD, outlook
from oncall.rota.when import moment
from schedules.conflicts import Place
from schedules.types import Person

COUNTS_LAST = timedelta(minutes=10)
MOST_SAID = 8
"""Of one schedule, the gravest, to somebody who has changed several."""

_counted: dict[tuple[str, int, int], dict[str, int]] = {}
_lock = Lock()


def problems(
    session: Session,
    schedule: Schedule,
    now: datetime,
    reached: Collection[Person] | None = None,
    told_in: ZoneInfo | None = None,
) -> list[Problem]:
    """Everything to mend in the next 90 days: what loses pages first, then the soonest.

    Whoever looks at many schedules asks once for all who can be `reached`. `told_in`: on whose clock; without it on the
    schedule's.
    """
    ahead = outlook(session, now)
    own = ahead.of_schedule.get(schedule.name, [])
    people = {shift.person for shift in own}
    theirs = [shift for person in people for shift in ahead.of_person[person]]
    zone = told_in or ZoneInfo(schedule.timezone)
    inspector = Inspector(session, schedule, now, reachable(session) if reached is None else reached, zone)
    found = [
        *inspector.gaps(),
        *inspector.unreachable(own),
        *inspector.double_bookings(theirs),
        *inspector.short_rests(theirs),
        *inspector.too_new(own),
    ]
    alike: dict[Hashable, list[Finding]] = defaultdict(list)
    for finding in found:
        alike[finding.problem.kind, finding.like].append(finding)
    told = [_told(findings, zone) for findings in alike.values()]
    told.sort(key=lambda problem: (not problem.loses_pages, problem.start))
    return [*told, *_new_in_turn(session, schedule, now)]


def told_once(
    session: Session, schedules: Iterable[Schedule], now: datetime
) -> Iterator[tuple[Schedule, list[Problem]]]:
    """Everything to mend in each: what two of them share is told of the first, and a list is empty if there is nothing.

    A schedule that has only what others have told is left out.
    """
    told: set[tuple[str | None, frozenset[Place]]] = set()
    reached = reachable(session)
    for schedule in schedules:
        found = problems(session, schedule, now, reached)
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
            reached = reachable(session)
            counts = {row.name: count for row in rows if (count := len(problems(session, row, now, reached)))}
            _counted.clear()
            _counted[key] = counts
        return _counted[key]
    finally:
        _lock.release()


def usable_methods(session: Session) -> int:
    """How many contact methods of people count: fewer than a moment ago, and somebody may not be reached any more."""
    return session.exec(select(func.count()).select_from(ContactMethod).where(*USABLE)).one()


def _told(findings: list[Finding], zone: ZoneInfo) -> Problem:
    """As one problem; they come by start."""
    first, last = findings[0], findings[-1]
    more = _more(findings, last.problem, zone) if len(findings) > 1 else ""
    return replace(first.problem, sentence=f"{first.what}{more}: {first.advice}.", times=len(findings))


def _more(findings: list[Finding], last: Problem, zone: ZoneInfo) -> str:
    count = "once" if len(findings) == 2 else f"{len(findings) - 1} times"
    assert last.end is not None
    more = f", and {count} more like this until {moment(last.end, zone)}"
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
