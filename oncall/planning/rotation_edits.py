"""Rotations changed by hand: what that would do is seen before it is kept, and kept by the config file's own way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlmodel import Session

from oncall.auth.permissions import runs
from oncall.config.apply import try_out
from oncall.config.check import problems
from oncall.config.export import export, rotations_of
from oncall.config.merge import merge
from oncall.config.plan import difference
from oncall.config.problems import from_pydantic
from oncall.config.schema import Config, RotationForm, ScheduleForm
from oncall.errors import BadInput, Conflict, Forbidden, NeedsConfirmation
from oncall.installation import lock_plans
from oncall.models import Schedule, User
from oncall.planning.preview import plans_with
from oncall.planning.rotation_changes import BadRotation, RotationChange, as_text
from oncall.rota import coverage, health
from oncall.rota.consequences import Watch
from schedules import types
from schedules.compare import Move, moves
from schedules.resolve import final_shifts

BEYOND = timedelta(weeks=8)
"""After what is published, which an edit of the members does not move."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The rotations of a schedule as they would be."""

    current: Config
    schedule: str
    concerned: Sequence[RotationForm]
    """Those that the form was filled in from, as they are set up."""
    rotations: Sequence[RotationForm]

    @property
    def wanted(self) -> Config:
        """The part of a config file that says it."""
        return part_of(self.schedule, self.rotations)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit does to the schedule from now until `until`."""

    before: types.Schedule
    after: types.Schedule
    until: datetime
    harm: Sequence[str]
    """A sentence for each thing that would be worse for those on call."""
    to_mend: Sequence[str]
    """A sentence for each thing that the schedule still needs then."""

    def moves(self, now: datetime) -> list[Move]:
        old, new = (final_shifts(plan, now, self.until) for plan in (self.before, self.after))
        return moves(old, new, now, self.until)


def part_of(schedule: str, rotations: Sequence[RotationForm]) -> Config:
    return Config(schedules=[ScheduleForm.model_construct(name=schedule, rotations=list(rotations))])


def check_may_edit(session: Session, by: User, schedule: Schedule) -> None:
    """Raises Forbidden."""
    if not runs(session, by, schedule):
        raise Forbidden(f"Only a manager of the team or an admin can edit {schedule.name} and its rotations.")


def current_rotations(session: Session, schedule: Schedule) -> list[RotationForm]:
    return rotations_of(session, schedule)


def edit_of(session: Session, schedule: Schedule, change: RotationChange) -> Edit:
    """Raises NotFound or BadRotation."""
    current = export(session)
    rotations = _rotations(current, schedule.name)
    return Edit(current, schedule.name, change.concerns(rotations), change.made(rotations))


def _rotations(current: Config, schedule: str) -> list[RotationForm]:
    return next(form.rotations for form in current.schedules if form.name == schedule)


def read_rotation(data: dict[str, Any]) -> RotationForm:
    """Raises BadRotation."""
    try:
        return RotationForm.model_validate(data)
    except ValidationError as error:
        found = [from_pydantic(details) for details in error.errors(include_url=False)]
    raise BadRotation({str(problem.location[0]): problem.sentence for problem in reversed(found)})


def read_seen(data: Any) -> list[RotationForm]:
    """What a form was filled in from. Raises BadInput."""
    if not isinstance(data, list):
        raise BadInput("The form is not one of ours any more: open it again.")
    return [read_rotation(each) for each in data]


def check(edit: Edit) -> None:
    """Against all else that is set up. Raises BadRotation."""
    found = problems(edit.current, edit.wanted, merge(edit.current, edit.wanted))
    if found:
        raise BadRotation({_field(problem.location): problem.sentence for problem in reversed(found)})


def changed_since(edit: Edit, seen: Sequence[RotationForm]) -> list[str]:
    """What somebody else has changed since it was as `seen`, a line each, in the file's words."""
    before, after = (part_of(edit.schedule, each) for each in (seen, edit.concerned))
    changes = difference(before, after)
    return [str(detail) for change in changes for detail in change.details]


def outcome(session: Session, by: User, schedule: Schedule, edit: Edit, now: datetime) -> Outcome:
    """Told on the clock of whoever looks. It writes, and the caller throws that away. Raises BadInput where it would be
    too much work.
    """
    zone = ZoneInfo(by.timezone)
    until = now + timedelta(days=schedule.horizon_days) + BEYOND
    before, watch = coverage.plan_of(session, schedule), Watch(session, now, told_in=zone)
    (after,) = plans_with(session, edit.wanted, [schedule.name], now, until, now)
    to_mend = [problem.sentence for problem in health.problems(session, schedule, now, told_in=zone)]
    return Outcome(before, after, until, watch.harm_ahead(), to_mend)


def save(
    session: Session,
    by: User,
    schedule: Schedule,
    change: RotationChange,
    seen: str,
    confirmed: str,
    now: datetime,
) -> None:
    """By the config file's own way. Whoever saves next waits, and then learns that it has changed.

    `seen`: what the form was filled in from, `as_text`. `confirmed`: the `agreement` to the harm that was shown, or
    "yes" to any. Raises Conflict or NeedsConfirmation, or what applying a file raises.
    """
    check_may_edit(session, by, schedule)
    lock_plans(session)
    edit = edit_of(session, schedule, change)
    if as_text(edit.concerned) != seen:
        raise Conflict(f"Somebody else has changed {schedule.name} a moment ago: look at it again, then save.")
    _, harm = try_out(session, edit.wanted, now, ZoneInfo(by.timezone))
    if harm and confirmed not in ("yes", agreement(harm)):
        raise NeedsConfirmation(harm)


def agreement(harm: Sequence[str]) -> str:
    """Stands for having seen just this."""
    return json.dumps(sorted(harm))


def _field(location: Sequence[str | int]) -> str:
    """Of the rotation; "" for what lies elsewhere."""
    inside = list(location[4:]) if location[:1] == ("schedules",) and "rotations" in location else []
    return str(inside[0]) if inside else ""
