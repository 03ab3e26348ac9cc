"""The parts of the config file that say who is paged about what: policies, services, heartbeats."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from oncall.alerts.flapping import USUAL
from oncall.config.form import NO_SPAN, Form
from oncall.config.values import Hours, Key, Name, OneOrMore, Option, Span, Target, Zone
from oncall.models import ServiceUrgency, Severity, Urgency

MOST_TOGETHER = 20
"""People who must acknowledge."""
LONGEST_WATCH = timedelta(days=1)
"""In which flapping is looked for: longer than that, and it is a problem that comes back."""


class StepForm(Form):
    page: Annotated[list[Target], OneOrMore, Field(min_length=1)]
    wait: Span
    round_robin: bool = False
    acknowledgements: int = Field(1, ge=1, le=MOST_TOGETHER)

    @field_validator("acknowledgements")
    @classmethod
    def _by_several(cls, value: int, info: ValidationInfo) -> int:
        if value > 1 and info.data.get("round_robin"):
            raise ValueError(f"is {value}, but a round-robin step pages one person: leave out one of the two")
        return value


class PolicyForm(Form):
    key_field = "name"
    needed = ("steps",)

    name: Name
    repeat: int = Field(0, ge=0, le=1000)
    fallback: Target | None = None
    acknowledge_timeout: Annotated[Span, Field(gt=NO_SPAN)] | None = None
    steps: list[StepForm] = Field([], min_length=1)


class IntegrationKeyForm(Form):
    key_field = "name"
    needed = ("tool",)

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
