"""A schedule made by hand: from one of the starters, whose turns the members of its team take, or empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlmodel import Session, col, select

from oncall.auth.setup_rights import led_teams
from oncall.config.apply import apply
from oncall.config.check import problems
from oncall.config.export import export
from oncall.config.merge import merge
from oncall.config.problems import from_pydantic
from oncall.config.schema import Config, ScheduleForm
from oncall.config.values import check_zone
from oncall.errors import BadInput, Conflict, Forbidden
from oncall.models import Role, Schedule, Team, TeamMember, User
from oncall.planning.preview import plans_with
from oncall.planning.rotation_changes import BadRotation
from oncall.planning.rotation_edits import BEYOND, Outcome
from oncall.planning.starters import STARTERS, Beginning, Newcomer
from oncall.rota import health
from oncall.rota.plans import find_schedule
from schedules import types

EMPTY = "empty"
"""In place of a starter."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """As typed. `levels` are those of an empty one; a starter has its own."""

    name: str
    team: str
    timezone: str
    starter: str
    levels: Sequence[str]


def may_make(session: Session, by: User) -> bool:
    """At all."""
    return by.role is Role.ADMIN or bool(led_teams(session, by))


def check_may_make(session: Session, by: User, team: str | None = None) -> None:
    """`team` None: at all; "" is none. Raises Forbidden."""
    if not may_make(session, by):
        raise Forbidden("Schedules are made by admins and by managers of a team. Ask one of them.")
    if by.role is not Role.ADMIN and team is not None and team not in led_teams(session, by):
        raise Forbidden("Choose a team that you manage: only admins make schedules of other teams, or of none.")


def form_of(session: Session, wanted: Wanted, now: datetime) -> ScheduleForm:
    """As a config file has it. Raises BadRotation, by the fields of `Wanted`."""
    faults: dict[str, str] = {}
    if session.exec(select(Schedule.id).where(Schedule.name == wanted.name)).first() is not None:
        faults["name"] = f"there is a schedule {wanted.name} already: choose another name"
    members = _members(session, wanted.team)
    if wanted.starter not in (EMPTY, *STARTERS):
        faults["starter"] = "choose one"
    elif wanted.starter != EMPTY and not members:
        faults["team"] = "choose a team that has members: they take the turns; or begin with an empty schedule"
    try:
        zone = check_zone(wanted.timezone)
    except ValueError as error:
        faults["timezone"] = str(error)
    if faults:
        raise BadRotation(faults)
    return _read(wanted, _begun(wanted, members, zone, now))


def _members(session: Session, team: str) -> list[Newcomer]:
    rows = (
        select(User.handle, User.timezone)
        .join(TeamMember, col(TeamMember.user_id) == col(User.id))
        .join(Team, col(Team.id) == col(TeamMember.team_id))
        .where(Team.name == team, col(TeamMember.is_member), col(User.retired_at).is_(None))
    )
    return [Newcomer(*row) for row in session.exec(rows.order_by(col(User.name)))]


def _begun(wanted: Wanted, members: list[Newcomer], zone: str, now: datetime) -> ScheduleForm | None:
    if wanted.starter == EMPTY:
        return None
    today = now.astimezone(ZoneInfo(zone)).date()
    return STARTERS[wanted.starter].make(Beginning(wanted.name, zone, members, today))


def _read(wanted: Wanted, begun: ScheduleForm | None) -> ScheduleForm:
    data = {"name": wanted.name, "team": wanted.team or None, "timezone": wanted.timezone}
    others = (
        {"levels": list(wanted.levels)} if begun is None else {"levels": begun.levels, "rotations": begun.rotations}
    )
    try:
        return ScheduleForm.model_validate(data | others)
    except ValidationError as error:
        found = [from_pydantic(details) for details in error.errors(include_url=False)]
    raise BadRotation({str(problem.location[0]): problem.sentence for problem in reversed(found)})


def outcome(session: Session, form: ScheduleForm, now: datetime) -> Outcome:
    """What it would give. It writes, and the caller throws that away. Raises BadInput."""
    wanted, current = Config(schedules=[form]), export(session)
    if found := problems(current, wanted, merge(current, wanted)):
        raise BadInput(" ".join(f"{problem.sentence[:1].upper()}{problem.sentence[1:]}." for problem in found))
    until = now + timedelta(days=form.horizon) + BEYOND
    (after,) = plans_with(session, wanted, [form.name], now, until, now)
    to_mend = [each.sentence for each in health.problems(session, find_schedule(session, form.name), now)]
    nothing = types.Schedule(form.name, after.zone, after.levels)
    return Outcome(nothing, after, until, (), to_mend)


def make(session: Session, by: User, form: ScheduleForm, now: datetime) -> Schedule:
    """Raises Forbidden, Conflict where somebody else has just made one of this name, or what applying a file raises."""
    check_may_make(session, by, form.team or "")
    if session.exec(select(Schedule.id).where(Schedule.name == form.name)).first() is not None:
        raise Conflict(f"There is a schedule {form.name} already: choose another name.", field="name")
    apply(session, Config(schedules=[form]), now, confirm=True)
    return find_schedule(session, form.name)
