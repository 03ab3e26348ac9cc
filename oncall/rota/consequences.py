"""What a change would make worse for those who are on call, told before it is kept, by whatever way it comes.

Looked at after the change is written and before it is committed: what is told is what would be, not a guess at it.
What was so before is not told again, and what is set up for the first time has nothing to lose.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.delivery.reachable import reachable
from oncall.errors import NeedsConfirmation
from oncall.models import Schedule, User
from oncall.rota import coverage
from oncall.rota.harm import Look, Pair, harm
from oncall.rota.outlook import AHEAD, outlook
from schedules import types
from schedules.compare import Move, moves
from schedules.published_turns import joining
from schedules.resolve import final_shifts
from schedules.types import Person
from schedules.when import name_of
from schedules.worse import Picture

AROUND = timedelta(days=7)


class Watch:
    """Begins before the change: of one `schedule`, while the others stay as they are, or of all.

    `told_in`: on whose clock it tells times; else on each schedule's.
    """

    def __init__(
        self, session: Session, now: datetime, schedule: Schedule | None = None, told_in: ZoneInfo | None = None
    ) -> None:
        self._session, self._now, self._told_in = session, now, told_in
        rows = [schedule] if schedule else session.exec(select(Schedule).order_by(col(Schedule.name))).all()
        self._plans = {each.name: plan for each in rows if (plan := coverage.plan_if_sound(session, each)) is not None}
        self.schedules = [each for each in rows if each.name in self._plans]
        ahead = outlook(session, now).of_schedule if schedule else {}
        self._elsewhere = [shift for name, shifts in ahead.items() if name not in self._plans for shift in shifts]
        self._reachable = reachable(session)

    def refuse_harm(self, start: datetime, end: datetime, named: Iterable[User] = ()) -> None:
        """Of a change by hand, in [start, end), that puts those `named` on call. Raises NeedsConfirmation."""
        handles = {user.handle for user in named}
        _refuse(self._harm(list(self._pairs(start, end)), Look(start, end, end, handles, told_in=self._told_in)))

    def refuse_harm_ahead(self) -> None:
        """Of any other change. Raises NeedsConfirmation."""
        _refuse(self.harm_ahead())

    def harm_ahead(self) -> list[str]:
        """A sentence for each thing that would be worse in the next 90 days.

        People who can't be paged are told as far as shifts are published: whoever joins after that has weeks to add
        a phone.
        """
        end = self._now + AHEAD
        horizon = max(map(_horizon, self.schedules), default=timedelta())
        look = Look(self._now, end, self._now + horizon, goes_on=True, told_in=self._told_in)
        return self._harm([pair for pair in self._pairs(self._now, end) if pair.before.shifts], look)

    def moves_ahead(self) -> dict[str, list[Move]]:
        """What changes hands of the time that is published, by the names of schedules where anything does."""
        found = {}
        for schedule in self.schedules:
            before = self._plans[schedule.name]
            if any(rotation.published for rotation in before.rotations):
                after, until = coverage.plan_of(self._session, schedule), self._now + _horizon(schedule)
                old, new = (final_shifts(plan, self._now, until) for plan in (before, after))
                found[schedule.name] = moves(old, new, self._now, until)
        return {name: moved for name, moved in found.items() if moved}

    def joining(self) -> dict[str, list[str]]:
        """By the names of schedules, a sentence for each rotation that has been joined by people without a turn."""
        found: dict[str, list[str]] = {}
        for schedule in self.schedules:
            before = {each.name: each for each in self._plans[schedule.name].rotations if _is_current(each, self._now)}
            for rotation in coverage.plan_of(self._session, schedule).rotations:
                old = before.get(rotation.name)
                if old and _is_current(rotation, self._now) and (news := joining(old, rotation, self._now)):
                    found.setdefault(schedule.name, []).append(_joins(schedule, *news))
        return found

    def _harm(self, pairs: list[Pair], look: Look) -> list[str]:
        return harm(pairs, self._elsewhere, coverage.names(self._session), look)

    def _pairs(self, start: datetime, end: datetime) -> Iterator[Pair]:
        can_be_paged, window = reachable(self._session), (start - AROUND, end + AROUND)
        for schedule in self.schedules:
            old, plan = self._plans[schedule.name], coverage.plan_of(self._session, schedule)
            shifts = final_shifts(old, *window)
            then = shifts if plan is old else final_shifts(plan, *window)
            before, after = Picture(shifts, self._reachable), Picture(then, can_be_paged)
            yield Pair(plan, schedule.rest_hours, before, after)


def _is_current(rotation: types.Rotation, now: datetime) -> bool:
    return rotation.in_force is None or rotation.in_force[-1][1] > now


def _joins(schedule: Schedule, since: datetime, people: list[Person]) -> str:
    zone = ZoneInfo(schedule.timezone)
    begins = f"{since.astimezone(zone):%a %Y-%m-%d %H:%M} {name_of(since, zone)}"
    return (
        f"{', '.join(people)}, from {begins} on, when what is published is over;"
        f" “oncall publish {schedule.name} --plan” shows who would move if it were sooner"
    )


def _horizon(schedule: Schedule) -> timedelta:
    return timedelta(days=schedule.horizon_days)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise NeedsConfirmation(problems)
