"""What the config file says of a team's keys: rules that choose the service, the urgency, or suppression."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from oncall.alerts.routing import problem_with_field, problem_with_regex
from oncall.config.form import Form
from oncall.config.service_forms import IntegrationKeyForm
from oncall.config.values import Hours, Name, OneOrMore, Zone
from oncall.models import Severity, Urgency

MOST_RULES, MOST_CONDITIONS, LONGEST_PATTERN = 200, 20, 300


class ConditionForm(Form):
    field: str = Field(max_length=200)
    equals: Annotated[list[str], OneOrMore, Field(max_length=100)] = []
    contains: str = Field("", max_length=300)
    matches: str = Field("", max_length=LONGEST_PATTERN)
    exists: bool | None = None

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if problem := problem_with_field(self.field) or (self.matches and problem_with_regex(self.matches)):
            raise ValueError(problem)
        if not (self.equals or self.contains or self.matches or self.exists is not None):
            raise ValueError(
                f"says nothing of {self.field}: write what it equals, contains or matches, or whether it exists"
            )
        return self


class RoutingRuleForm(Form):
    key_field = "name"

    name: Name
    when: list[ConditionForm] = Field([], max_length=MOST_CONDITIONS)
    hours: Hours | None = None
    timezone: Zone | None = None
    service: str | None = None
    urgency: Urgency | None = None
    severity: Severity | None = None
    suppress: bool = False

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        outcomes = self.service or self.urgency or self.severity
        if bool(outcomes) == self.suppress:
            raise ValueError("must say what it does: give it a service, urgency or severity, or let it suppress alone")
        if (self.hours is None) != (self.timezone is None):
            raise ValueError("has hours only with a timezone: write both, or none")
        return self


class TeamKeyForm(IntegrationKeyForm):
    needed = ("tool", "service")

    service: str = ""
    """Where events go that no rule sends elsewhere."""
    rules: list[RoutingRuleForm] = Field([], max_length=MOST_RULES)
