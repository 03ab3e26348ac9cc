"""What the config file says of services, their integration keys and heartbeats."""

from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from oncall.alerts.flapping import USUAL
from oncall.config.form import NO_SPAN, NO_TIME, Form
from oncall.config.values import Hours, Key, Name, OneOrMore, Option, Repeats, Span, WallClock, Zone
from oncall.models import ServiceUrgency, Severity, Urgency

LONGEST_WATCH = timedelta(days=1)
"""In which flapping is looked for: longer than that, and it is a problem that comes back."""


LONGEST_REOPENING = timedelta(days=7)
"""After that, it is another problem."""


LabelName = Annotated[str, Field(min_length=1, max_length=100)]


class IntegrationKeyForm(Form):
    key_field = "name"
    needed: ClassVar[tuple[str, ...]] = ("tool",)

    name: Name
    tool: str = ""
    key: Key = ""
    options: dict[str, Option] = {}


class SupportHoursForm(Form):
    """How urgent alerts are while somebody is there to support the service, and how urgent outside of that."""

    hours: Hours
    timezone: Zone
    during: Urgency = Urgency.HIGH
    outside: Urgency = Urgency.LOW


class FlappingForm(Form):
    """What triggers and is resolved so many times `within` that time is flapping, and paged if it `stays` open."""

    times: int = Field(USUAL.times, ge=0, le=100)
    within: Annotated[Span, Field(gt=NO_SPAN, le=LONGEST_WATCH)] = USUAL.within
    stays: Annotated[Span, Field(gt=NO_SPAN, le=LONGEST_WATCH)] = USUAL.stays


class GroupingForm(Form):
    """Which problems of a service are one alert: those with the same labels, or those that begin within some time."""

    labels: Annotated[list[LabelName], OneOrMore, Field(max_length=10)] = []
    within: Annotated[Span, Field(gt=NO_SPAN, le=LONGEST_WATCH)] | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if bool(self.labels) == (self.within is not None):
            raise ValueError("needs one of the two: labels that are the same, or a time within which problems begin")
        return self


class MaintenanceForm(Form):
    key_field = "name"
    needed = ("start", "end", "timezone")

    name: Name
    service: str | None = None
    team: str | None = None
    start: WallClock = NO_TIME
    end: WallClock = NO_TIME
    timezone: Zone = ""
    repeats: Repeats | None = None
    reason: str = Field("", max_length=300)
    pages_critical: bool = False


class ServiceForm(Form):
    key_field = "name"
    needed = ("escalation_policy",)

    name: Name
    description: str = Field("", max_length=1000)
    team: str | None = None
    escalation_policy: str = ""
    urgency: ServiceUrgency = ServiceUrgency.SEVERITY
    support_hours: SupportHoursForm | None = None
    flapping: FlappingForm | None = None
    grouping: GroupingForm | None = None
    auto_resolve: Annotated[Span, Field(gt=NO_SPAN)] | None = None
    reopen_within: Annotated[Span, Field(gt=NO_SPAN, le=LONGEST_REOPENING)] | None = None
    depends_on: Annotated[list[str], OneOrMore] = []
    integration_keys: list[IntegrationKeyForm] = []


class HeartbeatForm(Form):
    key_field = "name"
    needed = ("service", "every")

    name: Name
    service: str = ""
    every: Annotated[Span, Field(gt=NO_SPAN)] = NO_SPAN
    grace: Span = NO_SPAN
    key: Key = ""
    enabled: bool = True
    description: str = Field("", max_length=10_000)
    alert_summary: str | None = Field(None, min_length=1, max_length=1024)
    alert_severity: Severity = Severity.CRITICAL
    alert_tags: list[Annotated[str, Field(min_length=1, max_length=60)]] = []
