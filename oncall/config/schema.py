"""The config file as models: what may be written where. What one part says of another is checked in `check`.

A file may hold a part of the whole, so only the names are required here; `needed` lists what else an object must have
by the time it is whole. The defaults of needed fields stand for "not given" and are never used.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from notifiers.registry import known_kind, stored_address, stored_team_address
from oncall.config.form import NO_SPAN, NO_TIME, Form
from oncall.config.policy_forms import PolicyForm
from oncall.config.routing_forms import TeamKeyForm
from oncall.config.service_forms import HeartbeatForm, MaintenanceForm, ServiceForm
from oncall.config.values import (
    Ahead,
    Country,
    Days,
    Email,
    Handle,
    Hours,
    Moment,
    Name,
    OneOrMore,
    PersonName,
    QuietHours,
    Rest,
    ShiftLength,
    ShortName,
    Span,
    UserGroup,
    WallClock,
    Weekday,
    Zone,
    write_datetime,
    write_span,
    zone,
)
from oncall.models import OverrideKind, Role, Urgency
from oncall.rota.override_kinds import who_is_missing
from schedules.wallclock import to_local, to_utc

MOST_LEVELS, MOST_ROTATIONS, MOST_MEMBERS, MOST_TOGETHER = 20, 50, 1000, 20
"""Of a schedule, of a rotation, and of one turn: working out shifts takes time for each."""


def one_or_more(items: list[str]) -> str | list[str]:
    return items[0] if len(items) == 1 else items


class AddressForm(Form):
    """Somewhere to send to: of a team as it is, since whoever may set up teams vouches for it."""

    key_field = "name"
    needed = ("kind", "address")

    name: ShortName
    kind: Annotated[str, AfterValidator(known_kind)] = "sms"
    address: str = Field("", max_length=320)

    @field_validator("address")
    @classmethod
    def _as_stored(cls, value: str, info: ValidationInfo) -> str:
        return stored_team_address(info.data["kind"], value) if "kind" in info.data else value


class ContactMethodForm(AddressForm):
    """Of a person."""

    verified: bool = False

    @field_validator("address")
    @classmethod
    def _as_stored(cls, value: str, info: ValidationInfo) -> str:
        return stored_address(info.data["kind"], value) if "kind" in info.data else value


class RuleForm(Form):
    urgency: Urgency
    after: Span = NO_SPAN
    contact_method: str

    def _shorten(self, written: dict[str, Any]) -> dict[str, Any]:
        """With `after` even when it is 0m, since it is what a rule is about."""
        return {"urgency": self.urgency.value, "after": write_span(self.after), "contact_method": self.contact_method}


class NoticesForm(Form):
    """What somebody wants to be told of their shifts. Of this, too, a file may hold a part."""

    ahead: Ahead = timedelta(hours=24)
    start: bool = True
    end: bool = False
    weekly: bool = False


class QuietHoursForm(Form):
    """When what can wait does not reach somebody; in their own zone unless another is named."""

    hours: QuietHours
    timezone: Zone | None = None


class UserForm(Form):
    key_field = "handle"
    needed = ("name",)

    handle: Handle
    name: PersonName = ""
    email: Email | None = None
    timezone: Zone = "UTC"
    country: Country | None = None
    role: Role = Role.USER
    tags: list[ShortName] = []
    experienced: list[str] = []
    contact_methods: list[ContactMethodForm] = []
    notification_rules: list[RuleForm] = []
    notices: NoticesForm = NoticesForm()
    quiet_hours: QuietHoursForm | None = None


class TeamForm(Form):
    key_field = "name"

    name: Name
    members: list[str] = []
    managers: list[str] = []
    contact_methods: list[AddressForm] = []
    integration_keys: list[TeamKeyForm] = []


class MemberRule(Form):
    """Everybody with one of the tags and in one of the teams, but while they take turns in a schedule of `not_in`."""

    tagged: Annotated[list[ShortName], OneOrMore] = []
    not_in: Annotated[list[str], OneOrMore] = []
    team: Annotated[list[str], OneOrMore] = []

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not self.tagged and not self.team:
            raise ValueError("a rule for members needs `tagged` or `team`, to say who they are")
        return self

    def _shorten(self, written: dict[str, Any]) -> dict[str, Any]:
        return {name: one_or_more(value) for name, value in written.items()}


class MemberForm(Form):
    """A place in the order of turns: `alice`, `[alice, bob]` together, `[]` for a turn that nobody has."""

    user: Annotated[list[str], OneOrMore, Field(max_length=MOST_TOGETHER)]
    joins: WallClock | None = None
    leaves: WallClock | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, value: Any) -> Any:
        if isinstance(value, str | list):
            return {"user": value}
        if isinstance(value, dict | MemberForm):
            return value
        raise ValueError("must be a handle, a list of those who have a turn together, or a map with `user`")

    def _shorten(self, written: dict[str, Any]) -> Any:
        together = one_or_more(self.user)
        return {**written, "user": together} if self.joins or self.leaves else together


def _members_form(value: Any) -> str:
    return "ruled" if isinstance(value, dict | MemberRule) else "listed"


class RotationForm(Form):
    key_field = "name"
    needed = ("members", "start", "shift")

    name: Name
    levels: list[ShortName] = []
    members: Annotated[
        Annotated[list[MemberForm], Field(max_length=MOST_MEMBERS), Tag("listed")]
        | Annotated[MemberRule, Tag("ruled")],
        Discriminator(_members_form),
    ] = []
    start: WallClock = NO_TIME
    shift: Annotated[list[ShiftLength], OneOrMore, Field(min_length=1, max_length=100)] = []
    timezone: Zone | None = None
    hours: Hours | None = None
    skip: Annotated[list[Weekday], OneOrMore, Field(max_length=6)] = []
    first_shift_level: ShortName | None = None
    level_offset: int | None = Field(None, ge=0, le=1000)
    until: WallClock | None = None

    def _shorten(self, written: dict[str, Any]) -> dict[str, Any]:
        lists = {"shift": self.shift, "skip": self.skip}
        return written | {name: one_or_more(value) for name, value in lists.items() if name in written}


class OverrideForm(Form):
    level: ShortName
    kind: OverrideKind = OverrideKind.REPLACE
    user: str | None = None
    replaces: str | None = None
    start: Moment
    end: Moment

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        problem = who_is_missing(self.kind, self.user, self.replaces)
        if problem:
            raise ValueError(problem)
        return self

    def in_zone(self, name: str) -> Self:
        """With instants in place of wall-clock times."""
        return self.model_copy(update={"start": _instant(self.start, name), "end": _instant(self.end, name)})


def _instant(moment: datetime, zone_name: str) -> datetime:
    return moment if moment.tzinfo else to_utc(moment, zone(zone_name))


def _on_the_wall(at: datetime, zone_name: str) -> str:
    """In the zone, with its offset only where the wall clock alone would mean another instant."""
    local = to_local(at, zone(zone_name))
    return write_datetime(local if to_utc(local, zone(zone_name)) == at else at.astimezone(zone(zone_name)))


class ScheduleForm(Form):
    key_field = "name"
    needed = ("timezone", "levels")

    name: Name
    team: str | None = None
    timezone: Zone = ""
    levels: list[ShortName] = Field([], min_length=1, max_length=MOST_LEVELS)
    covers: Hours | None = None
    horizon: Days = 56
    rest: Rest = NO_SPAN
    slack_usergroups: dict[ShortName, UserGroup] = {}
    rotations: list[RotationForm] = Field([], max_length=MOST_ROTATIONS)
    overrides: list[OverrideForm] = []

    @field_validator("overrides")
    @classmethod
    def _in_zone(cls, value: list[OverrideForm], info: ValidationInfo) -> list[OverrideForm]:
        """Instants, once the zone is known; the wall-clock times of a part wait for it until `merge`."""
        name = info.data.get("timezone")
        return [override.in_zone(name) for override in value] if name else value

    def _shorten(self, written: dict[str, Any]) -> dict[str, Any]:
        if not self.timezone or not self.overrides:
            return written
        times = [
            {"start": _on_the_wall(override.start, self.timezone), "end": _on_the_wall(override.end, self.timezone)}
            for override in self.overrides
        ]
        return written | {"overrides": [old | new for old, new in zip(written["overrides"], times, strict=True)]}


class Config(Form):
    """The whole, or a part of it. A section that is absent says nothing about its objects."""

    users: list[UserForm] = []
    teams: list[TeamForm] = []
    schedules: list[ScheduleForm] = []
    escalation_policies: list[PolicyForm] = []
    services: list[ServiceForm] = []
    heartbeats: list[HeartbeatForm] = []
    maintenance: list[MaintenanceForm] = []


KINDS = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "escalation_policies": "escalation policy",
    "services": "service",
    "heartbeats": "heartbeat",
    "maintenance": "maintenance window",
}
"""The sections, in the order in which they are written, and what one object of each is called."""
