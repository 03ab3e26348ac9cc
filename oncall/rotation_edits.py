"""A rotation edited by hand: what it would change is seen before it is kept, and kept by the config file's own way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from oncall import coverage
from oncall.config.apply import try_out
from oncall.config.check import problems
from oncall.config.export import export
from oncall.config.merge import merge
from oncall.config.plan import difference
from oncall.config.problems import from_pydantic
from oncall.config.schema import Config, RotationForm, ScheduleForm
from oncall.consequences import Watch
from oncall.errors import BadInput, Conflict, Forbidden, NeedsConfirmation, NotFound
from oncall.models import Schedule, User
from oncall.overrides import runs
from oncall.preview import plans_with
from oncall.swaps.story import lock_plans
from schedules import types
from schedules.compare import Move, moves
from schedules.resolve import final_shifts

BEYOND = timedelta(weeks=8)
"""After what is published, which an edit of the members does not move."""


class BadRotation(BadInput):
    """`faults`: by the field of the config file, a sentence."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("The rotation can't be saved so.", problems=list(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Edit:
    """One rotation of a schedule, as it is set up and as it would be."""

    current: Config
    schedule: str
    old: RotationForm
    new: RotationForm

    @property
    def wanted(self) -> Config:
        """The part of a config file that says it."""
        (form,) = (form for form in self.current.schedules if form.name == self.schedule)
        rotations = [self.new if each.name == self.new.name else each for each in form.rotations]
        return Config(schedules=[ScheduleForm.model_construct(name=self.schedule, rotations=rotations)])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an edit does to the schedule from now until `until`."""

    before: types.Schedule
    after: types.Schedule
    until: datetime
    harm: Sequence[str]
    """A sentence for each thing that would be worse for those on call."""

    def moves(self, now: datetime) -> list[Move]:
        old, new = (final_shifts(plan, now, self.until) for plan in (self.before, self.after))
        return moves(old, new, now, self.until)


def check_may_edit(session: Session, by: User, schedule: Schedule) -> None:
    """Raises Forbidden."""
    if not runs(session, by, schedule):
        raise Forbidden(f"Only a manager of the team or an admin can edit the rotations of {schedule.name}.")


def edit_of(session: Session, schedule: Schedule, new: RotationForm) -> Edit:
    """Raises NotFound."""
    current = export(session)
    return Edit(current, schedule.name, _rotation(current, schedule.name, new.name), new)


def current_rotation(session: Session, schedule: Schedule, name: str) -> RotationForm:
    """Raises NotFound."""
    return _rotation(export(session), schedule.name, name)


def as_text(rotation: RotationForm) -> str:
    """What `read_rotation` makes the same rotation of, once it is read as JSON."""
    return json.dumps(rotation.model_dump(mode="json"), sort_keys=True)


def _rotation(current: Config, schedule: str, name: str) -> RotationForm:
    found = {each.name: each for form in current.schedules if form.name == schedule for each in form.rotations}
    if name not in found:
        known = ", ".join(found) or "none"
        raise NotFound(f"Schedule {schedule} has no rotation {name} (any more). It has {known}.", field="rotation")
    return found[name]


def read_rotation(data: dict[str, Any]) -> RotationForm:
    """Raises BadRotation."""
    try:
        return RotationForm.model_validate(data)
    except ValidationError as error:
        found = [from_pydantic(details) for details in error.errors(include_url=False)]
    raise BadRotation({str(problem.location[0]): problem.sentence for problem in reversed(found)})


def check(edit: Edit) -> None:
    """Against all else that is set up. Raises BadRotation."""
    found = problems(edit.current, edit.wanted, merge(edit.current, edit.wanted))
    if found:
        raise BadRotation({_field(problem.location): problem.sentence for problem in reversed(found)})


def changed_since(edit: Edit, seen: RotationForm) -> list[str]:
    """What somebody else has changed in the rotation since it was as `seen`, a line each, in the file's words."""
    before, after = (
        Config(schedules=[ScheduleForm.model_construct(name=edit.schedule, rotations=[each])])
        for each in (seen, edit.old)
    )
    prefix = f"rotations[{edit.old.name}]."
    changes = difference(before, after)
    return [str(detail).removeprefix(prefix) for change in changes for detail in change.details]


def outcome(session: Session, schedule: Schedule, edit: Edit, now: datetime) -> Outcome:
    """It writes, and the caller throws that away. Raises BadInput where it would be too much work."""
    until = now + timedelta(days=schedule.horizon_days) + BEYOND
    before, watch = coverage.plan_of(session, schedule), Watch(session, now)
    (after,) = plans_with(session, edit.wanted, [schedule.name], now, until, now)
    return Outcome(before, after, until, watch.harm_ahead())


def save(
    session: Session, by: User, schedule: Schedule, new: RotationForm, seen: str, confirmed: str, now: datetime
) -> None:
    """By the config file's own way. Whoever saves next waits, and then learns that it has changed.

    `seen`: the rotation `as_text` when the edit was begun. `confirmed`: the `agreement` to the harm that was shown, or
    "yes" to any. Raises Conflict or NeedsConfirmation, or what applying a file raises.
    """
    check_may_edit(session, by, schedule)
    lock_plans(session)
    edit = edit_of(session, schedule, new)
    if as_text(edit.old) != seen:
        raise Conflict(f"Somebody else has changed {new.name} a moment ago: look at it again, then save.")
    _, harm = try_out(session, edit.wanted, now)
    if harm and confirmed not in ("yes", agreement(harm)):
        raise NeedsConfirmation(harm)


def agreement(harm: Sequence[str]) -> str:
    """Stands for having seen just this."""
    return json.dumps(sorted(harm))


def _field(location: Sequence[str | int]) -> str:
    """Of the rotation; "" for what lies elsewhere."""
    inside = list(location[4:]) if location[:1] == ("schedules",) and "rotations" in location else []
    return str(inside[0]) if inside else ""
