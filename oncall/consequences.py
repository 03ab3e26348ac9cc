"""What a change of a schedule by hand would make worse, told before it is kept.

Looked at after the change is written and before it is committed: what is told is what would be, not a guess at it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oncall import coverage
from oncall.delivery.outbox import Reach
from oncall.errors import Conflict
from oncall.models import Schedule, User
from oncall.outlook import outlook
from schedules.conflicts import double_bookings, short_rests
from schedules.resolve import gaps
from schedules.spans import holes
from schedules.types import Shift

AROUND = timedelta(days=7)


class Watch:
    """Begins before the change, with everybody's shifts on other schedules, which the change leaves as they are."""

    def __init__(self, session: Session, schedule: Schedule, now: datetime) -> None:
        self._session, self._schedule = session, schedule
        self._zone = ZoneInfo(schedule.timezone)
        self._before = coverage.plan_of(session, schedule)
        self._ahead = outlook(session, now)

    def refuse_harm(self, level: str, people: Iterable[User], start: datetime, end: datetime) -> None:
        """`people` come on in [start, end). Raises Conflict with all that would be wrong then."""
        problems = [*self.gaps(level, start, end), *(each for user in people for each in self._of(user, start, end))]
        if problems:
            raise Conflict(f"{' '.join(problems)} Confirm that you want it all the same.", problems=problems)

    def gaps(self, level: str, start: datetime, end: datetime) -> Iterator[str]:
        """Those that were not there before."""
        old = [(gap.start, gap.end) for gap in gaps(self._before, start, end) if gap.level == level]
        for gap in coverage.gaps(self._session, self._schedule, start, end):
            for opens, closes in holes(old, gap.start, gap.end) if gap.level == level else ():
                yield f"Nobody would be on {level} from {self._moment(opens)} to {self._moment(closes)}."

    def _of(self, user: User, start: datetime, end: datetime) -> Iterator[str]:
        reach = Reach(self._session)
        assert user.id is not None
        reach.load([user.id])
        if not reach.can_be_reached(user.id):
            yield f"{user.name} has no verified contact method and could not be paged."
        shifts = self._shifts(user.handle, start - AROUND, end + AROUND)
        for booking in double_bookings(shifts):
            if booking.start < end and start < booking.end:
                first, second = (f"{shift.schedule} {shift.level}" for shift in (booking.first, booking.second))
                yield f"{user.name} would be on {first} and {second} at once from {self._moment(booking.start)}."
        for pair in short_rests(shifts, timedelta(hours=self._schedule.rest_hours)):
            if pair.before.end in (start, end) or pair.after.start in (start, end):
                least = f"{self._schedule.rest_hours} h of rest"
                yield f"{user.name} would have less than {least} before {self._moment(pair.after.start)}."

    def _shifts(self, handle: str, start: datetime, end: datetime) -> list[Shift]:
        others = [one for one in self._ahead.of_person.get(handle, []) if one.schedule != self._schedule.name]
        own = coverage.planned_shifts(self._session, self._schedule, start, end)
        return [*others, *(shift for shift in own if shift.person == handle)]

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%a %d %b %H:%M %Z}"
