"""Schedules tried out: the shifts that a form of the config file would give. Pure: nothing is stored, nor looked up."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from oncall.config.schema import Config, MemberForm, MemberRule, OverrideForm, RotationForm, ScheduleForm
from oncall.errors import BadInput
from oncall.models import OverrideKind
from schedules import effort, types
from schedules.durations import parse_duration
from schedules.hours_text import parse_hours, parse_weekdays
from schedules.membership import Candidate, ruled_members
from schedules.membership import MemberRule as Rule
from schedules.resolve import final_shifts
from schedules.validation import problems as schedule_problems

MOST_SHIFTS = 20_000
"""About a second's work: anybody who is let in can ask for a preview."""

Ruled: TypeAlias = Callable[[MemberRule], Iterable[types.Person]]
"""Who fits a rule, in the order of their turns."""

TOGETHER = datetime.min.replace(tzinfo=UTC)
"""Everybody in a file comes at once: nobody has stood longer than the others."""


def shifts_of(
    form: ScheduleForm, ruled: Ruled, experienced: Iterable[types.Person], start: datetime, until: datetime
) -> list[types.Shift]:
    """The final shifts that meet [start, until). Raises BadInput where there is no sense in it, or too much work."""
    plan = types.Schedule(
        name=form.name,
        zone=ZoneInfo(form.timezone),
        levels=tuple(form.levels),
        rotations=tuple(_rotation(rotation, form, ruled) for rotation in form.rotations),
        overrides=tuple(_override(override) for override in form.overrides),
        experienced=frozenset(experienced),
        covers=parse_hours(form.covers) if form.covers else None,
    )
    if found := schedule_problems(plan):
        raise BadInput(" ".join(found), problems=found)
    _check_effort(plan, start, until)
    return final_shifts(plan, start, until)


class FilePeople:
    """The people of a config file: who fits its rules, as on an installation to which it is applied whole."""

    def __init__(self, config: Config) -> None:
        teams: dict[str, set[str]] = defaultdict(set)
        for team in config.teams:
            for handle in team.members:
                teams[handle].add(team.name)
        self._candidates = [
            Candidate(user.handle, frozenset(user.tags), frozenset(teams[user.handle]), TOGETHER)
            for user in config.users
        ]
        self._experienced = {user.handle: user.experienced for user in config.users}
        self._rotations = {schedule.name: schedule.rotations for schedule in config.schedules}

    def experienced(self, schedule: str) -> list[types.Person]:
        return [handle for handle, schedules in self._experienced.items() if schedule in schedules]

    def ruled(self, rule: MemberRule, asked: frozenset[str] = frozenset()) -> tuple[types.Person, ...]:
        """`asked` are schedules on the way here: rules may name each other."""
        excluded = {
            person
            for name in rule.not_in
            if name not in asked
            for rotation in self._rotations.get(name, [])
            for person in self._people(rotation, asked | {name})
        }
        return ruled_members(Rule(frozenset(rule.tagged), frozenset(rule.team)), self._candidates, excluded)

    def _people(self, rotation: RotationForm, asked: frozenset[str]) -> Iterable[types.Person]:
        if isinstance(rotation.members, MemberRule):
            return self.ruled(rotation.members, asked)
        return [person for member in rotation.members for person in member.user]


def _check_effort(plan: types.Schedule, start: datetime, until: datetime) -> None:
    shifts, turns = effort.shifts_within(plan, start, until), effort.turns_until(plan, until)
    if shifts > MOST_SHIFTS:
        raise BadInput(
            f"The preview would have about {shifts:,} shifts, and {MOST_SHIFTS:,} are the most: ask for less time.",
            field="until",
        )
    if turns > MOST_SHIFTS:
        raise BadInput(
            f"The first-timer rule would be followed through about {turns:,} turns, and {MOST_SHIFTS:,} are the most: "
            "let the rotations start later.",
            field="schedule",
        )


def _rotation(form: RotationForm, schedule: ScheduleForm, ruled: Ruled) -> types.Rotation:
    return types.Rotation(
        name=form.name,
        levels=tuple(form.levels or schedule.levels),
        members=_members(form.members, ruled),
        start=form.start,
        shift=tuple(parse_duration(length) for length in form.shift),
        zone=ZoneInfo(form.timezone or schedule.timezone),
        until=form.until,
        hours=parse_hours(form.hours) if form.hours else None,
        skip=parse_weekdays(form.skip),
        first_shift_level=form.first_shift_level,
        level_offset=form.level_offset,
    )


def _members(form: list[MemberForm] | MemberRule, ruled: Ruled) -> tuple[types.Member, ...]:
    if isinstance(form, MemberRule):
        return tuple(types.Member((person,)) for person in ruled(form))
    return tuple(types.Member(tuple(each.user), each.joins, each.leaves) for each in form)


def _override(form: OverrideForm) -> types.Override:
    off = None if form.kind is OverrideKind.ADD else form.replaces or types.EVERYBODY
    return types.Override(form.level, form.user, form.start, form.end, off)
