"""What each person carries: hours on call by kind, and pages taken. What fairness and pay are reckoned by."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oncall.models import Schedule
from oncall.moments import check_window
from oncall.reports.pages_taken import Taken, taken_by, taken_in
from oncall.rota import coverage
from oncall.rota.plans import find_schedules, is_current
from oncall.rota.public_holidays import public_holidays
from schedules.burden import Burden, burden, weight
from schedules.spans import Span, clip, merge
from schedules.types import Person, Shift

USUAL_WINDOW = timedelta(days=90)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PersonBurden:
    """Of one person in one window. Hours are decimal, to two places; `schedules.burden` says what counts as which.

    Its fields are the columns of the CSV. `holiday_hours` is None, not 0, where nobody has said which holidays the
    person has.
    """

    handle: str
    name: str
    country: str | None
    timezone: str
    total_hours: float
    night_hours: float
    weekend_hours: float
    holiday_hours: float | None
    shifts: int
    pages: int
    night_pages: int


class Scales:
    """Weighs what people have on call, by each one's own clock and holidays. Loads everybody; one per operation."""

    def __init__(self, session: Session) -> None:
        everybody = coverage.people(session).values()
        self._homes = {each.handle: (ZoneInfo(each.timezone), each.country) for each in everybody}
        self._known: dict[tuple[str, Span], timedelta] = {}

    def weigh(self, handle: str, spans: Iterable[Span]) -> timedelta:
        """As `schedules.burden.weight` says: least is who should come first."""
        return sum((self._weight(handle, span) for span in merge(spans)), timedelta())

    def _weight(self, handle: str, span: Span) -> timedelta:
        if (handle, span) not in self._known:
            self._known[handle, span] = weight(_carried([span], *span, *self._homes[handle]))
        return self._known[handle, span]


def window_of(start: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The last 90 days unless told otherwise. Raises BadInput."""
    end = until or now
    begin = start or end - USUAL_WINDOW
    check_window(begin, end)
    return begin, end


def burdens(session: Session, start: datetime, end: datetime, schedule: str | None = None) -> list[PersonBurden]:
    """Who carried what in [start, end), most hours first; with those in a rotation who carried nothing.

    Of one schedule: the hours on it, and the pages that came meanwhile. Of all of them: also pages to people who were
    not on call, such as a policy's fallback. Raises NotFound.
    """
    rows = find_schedules(session, schedule)
    shifts, users = _shifts(session, rows, start, end), coverage.people(session).values()
    if schedule is None:
        pages = taken_by(session, start, end)
    else:
        served = ((user, clip(merge(shifts.get(user.handle, ())), start, end)) for user in users)
        pages = taken_in(session, [(user.id, spans, ZoneInfo(user.timezone)) for user, spans in served])
    members = _members(session, rows)
    people = [user for user in users if user.handle in shifts or user.id in pages or user.handle in members]
    found = [_burden(user, shifts.get(user.handle, []), pages.get(user.id, Taken()), start, end) for user in people]
    return sorted(found, key=lambda each: (-each.total_hours, each.handle))


def _shifts(session: Session, rows: Iterable[Schedule], start: datetime, end: datetime) -> dict[Person, list[Span]]:
    """With their own starts and ends, as far as they are on record."""
    found: dict[Person, list[Span]] = defaultdict(list)
    for row in rows:
        made_at = row.created_at
        for shift in coverage.planned_shifts(session, row, start, end):
            since = _on_record(shift, made_at)
            if since < shift.end:
                found[shift.person].append((since, shift.end))
    return found


def _on_record(shift: Shift, made_at: datetime) -> datetime:
    """Since when it counts: before its schedule was made here nobody was told of a turn, so that nobody worked it.

    Who was on then is known only where an override says so.
    """
    return made_at if shift.start < made_at and shift.source == "rotation" else shift.start


def _members(session: Session, rows: Iterable[Schedule]) -> set[str]:
    """The handles of everybody who takes turns in the schedules now."""
    rotations = (each for row in rows for each in coverage.plan_of(session, row).rotations if is_current(each))
    return {handle for rotation in rotations for member in rotation.members for handle in member.people}


def _burden(user: coverage.Person, spans: list[Span], taken: Taken, start: datetime, end: datetime) -> PersonBurden:
    zone = ZoneInfo(user.timezone)
    carried = _carried(spans, start, end, zone, user.country)
    return PersonBurden(
        handle=user.handle,
        name=user.name,
        country=user.country,
        timezone=user.timezone,
        total_hours=_hours(carried.total),
        night_hours=_hours(carried.night),
        weekend_hours=_hours(carried.weekend),
        holiday_hours=_hours(carried.holiday) if _holidays(user.country, start, end) is not None else None,
        shifts=len(spans),
        pages=taken.pages,
        night_pages=taken.night_pages,
    )


def _carried(spans: Iterable[Span], start: datetime, end: datetime, zone: ZoneInfo, country: str | None) -> Burden:
    return burden(spans, start, end, zone, _holidays(country, start, end) or frozenset())


def _holidays(country: str | None, start: datetime, end: datetime) -> frozenset[date] | None:
    """None where nobody knows them. A year may begin a day earlier or later where the person lives."""
    return public_holidays(country, (start - _DAY).year, (end + _DAY).year) if country else None


def _hours(length: timedelta) -> float:
    return round(length / _HOUR, 2)
