"""The first run: from an empty database to an alert that has paged somebody, in five steps.

How far it has come is read from what is there, so it can be left at any step and by any way: the pages, the command
line or a config file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.auth.signing import Signer
from oncall.config.apply import apply
from oncall.config.policy_forms import PolicyForm, StepForm
from oncall.config.schema import Config, TeamForm, UserForm
from oncall.config.service_forms import IntegrationKeyForm, ServiceForm
from oncall.config.values import check_email, check_handle, check_name, check_person_name, check_zone
from oncall.config.write_services import generated_key
from oncall.delivery.reachable import USABLE
from oncall.errors import BadInput, Conflict, Forbidden
from oncall.models import (
    Alert,
    ContactMethod,
    EscalationPolicy,
    IntegrationKey,
    Role,
    Schedule,
    Service,
    Team,
    User,
)
from oncall.models.service import IN_USE
from oncall.names import checked
from oncall.people.people import add_user
from oncall.planning.starters import STARTERS, Beginning, Newcomer
from oncall.setup.integration_keys import check_tool, find_key, find_service

PURPOSE = "first run"
FIRST_WAIT, NEXT_WAIT = "5m", "10m"
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """What there is of each step; None or False where it has not been done."""

    schedule: Schedule | None
    key: tuple[Service, IntegrationKey] | None
    policy: EscalationPolicy | None
    is_reached: bool
    alert: Alert | None

    @property
    def is_answered(self) -> bool:
        return self.alert is not None and (
            self.alert.acknowledged_by_id is not None or self.alert.resolved_at is not None
        )

    @property
    def done(self) -> int:
        """Of five; the admin, who reads this, is the first."""
        return 1 + sum(map(bool, (self.schedule, self.key, self.is_reached, self.is_answered)))


def nobody_is_here(session: Session) -> bool:
    return session.exec(select(User.id).limit(1)).first() is None


def code_of(signer: Signer) -> str:
    """What shows that somebody has seen what the server printed: the first to come must not be a stranger."""
    return signer.sign(PURPOSE, "admin")


def check_code(signer: Signer, code: str) -> None:
    """Raises Forbidden."""
    if not signer.is_genuine(PURPOSE, "admin", code):
        raise Forbidden(
            "Nobody is here yet, and the first to come becomes an admin: open the whole link that the server printed "
            "when it started, or run “oncall user add” and “oncall user password” on its machine."
        )


def make_admin(
    session: Session, name: str, handle: str, email: str, timezone: str, password_hash: str, now: datetime
) -> User:
    """Raises BadInput, and Conflict when somebody was quicker."""
    if not nobody_is_here(session):
        raise Conflict("Somebody has set this installation up already: sign in.")
    return add_user(
        session, handle, name, Role.ADMIN, now, email=email or None, timezone=timezone, password_hash=password_hash
    )


def progress(session: Session, user: User) -> Progress:
    schedule = session.exec(select(Schedule).order_by(col(Schedule.id)).limit(1)).first()
    reached = select(ContactMethod.id).where(ContactMethod.user_id == user.id, *USABLE).limit(1)
    return Progress(
        schedule=schedule,
        key=_first_key(session),
        policy=session.exec(select(EscalationPolicy).order_by(col(EscalationPolicy.id)).limit(1)).first(),
        is_reached=session.exec(reached).first() is not None,
        alert=session.exec(select(Alert).order_by(col(Alert.id).desc()).limit(1)).first(),
    )


def _first_key(session: Session) -> tuple[Service, IntegrationKey] | None:
    live = col(IntegrationKey.revoked_at).is_(None)
    keys = select(Service, IntegrationKey).join(IntegrationKey, col(IntegrationKey.service_id) == col(Service.id))
    return session.exec(keys.where(live).order_by(col(IntegrationKey.id)).limit(1)).first()


def make_team(session: Session, admin: User, team: str, starter: str, people: str, now: datetime) -> Team:
    """The team with its people, its schedule and an escalation policy, all of them new.

    Raises BadInput or Conflict with the field.
    """
    if starter not in STARTERS:
        raise BadInput("Choose one of the schedules.", field="starter")
    team = checked(check_name, team, "team")
    others = read_people(people, admin.timezone)
    _check_new(session, team, [each.handle for each in others])
    members = [Newcomer(admin.handle, admin.timezone), *(Newcomer(each.handle, each.timezone) for each in others)]
    today = now.astimezone(ZoneInfo(admin.timezone)).date()
    schedule = STARTERS[starter].make(Beginning(team, admin.timezone, members, today))
    users = [each.model_copy(update={"experienced": [team]}) for each in [*others, UserForm(handle=admin.handle)]]
    config = Config(
        users=users,
        teams=[TeamForm(name=team, members=[each.handle for each in members], managers=[admin.handle])],
        schedules=[schedule],
        escalation_policies=[_policy(team, schedule.levels, admin.handle)],
    )
    apply(session, config, now, confirm=True)
    return session.exec(select(Team).where(Team.name == team)).one()


def _check_new(session: Session, name: str, handles: Sequence[str]) -> None:
    """A config is laid over what there is; here that would change somebody's schedule unasked. Raises Conflict."""
    for table, noun in ((Team, "team"), (Schedule, "schedule"), (EscalationPolicy, "escalation policy")):
        if session.exec(select(table.id).where(table.name == name)).first() is not None:
            raise Conflict(f"There is a {noun} {name} already: choose another name.", field="team")
    taken = session.exec(select(User.handle).where(col(User.handle).in_(handles))).all()
    if taken:
        raise Conflict(f"Somebody has the handle {', '.join(taken)} already: leave their line out.", field="people")


def _policy(team: str, levels: Sequence[str], admin: str) -> PolicyForm:
    waits = [FIRST_WAIT, NEXT_WAIT]
    steps = [StepForm(page=[f"schedule:{team}/{level}"], wait=wait) for level, wait in zip(levels, waits, strict=False)]
    return PolicyForm(name=team, repeat=2, fallback=f"user:{admin}", steps=steps)


def read_people(text: str, timezone: str) -> list[UserForm]:
    """A person a line: name, email address and, if it is another than `timezone`, their zone. Handles come from names.

    Raises BadInput that names the line.
    """
    found: dict[str, UserForm] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        person = _person(line, number, timezone)
        if person.handle in found:
            raise BadInput(f"Line {number}: there is a handle {person.handle} already.", field="people")
        found[person.handle] = person
    if len(found) > MOST_PEOPLE:
        raise BadInput(f"{MOST_PEOPLE} people are the most here: add the rest with a config file.", field="people")
    return list(found.values())


def _person(line: str, number: int, timezone: str) -> UserForm:
    name, email, zone, *more = [*(part.strip() for part in line.split(",")), "", ""]
    try:
        if any(more):
            raise ValueError("write a name, an email address and a time zone, with commas between them")
        return UserForm(
            handle=check_handle(_handle(name, email)),
            name=check_person_name(name),
            email=check_email(email) if email else None,
            timezone=check_zone(zone) if zone else timezone,
        )
    except ValueError as error:
        raise BadInput(f"Line {number}: {error}.", field="people") from None


def _handle(name: str, email: str) -> str:
    """Of the mailbox where there is one, else of the first name."""
    text = email.partition("@")[0] or name.partition(" ")[0]
    return "".join(letter for letter in text.lower() if letter.isascii() and (letter.isalnum() or letter in ".-_"))


def make_service(session: Session, service: str, tool: str, policy: EscalationPolicy, now: datetime) -> IntegrationKey:
    """The service with its first key, which is named for its tool. Raises BadInput or Conflict with the field."""
    name = checked(check_name, service, "service")
    check_tool(tool)
    if session.exec(select(Service.id).where(IN_USE, Service.name == name)).first() is not None:
        raise Conflict(f"There is a service {name} already: choose another name.", field="service")
    team = session.exec(select(Team.name).where(Team.name == policy.name)).first()
    key = IntegrationKeyForm(name=tool, tool=tool, key=generated_key())
    form = ServiceForm(name=name, team=team, escalation_policy=policy.name, integration_keys=[key])
    apply(session, Config(services=[form]), now)
    return find_key(session, find_service(session, name), tool)
