"""What the config file says of escalation policies."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from oncall.config.form import NO_SPAN, Form
from oncall.config.values import Name, OneOrMore, Span, Target

MOST_TOGETHER = 20
"""People who must acknowledge."""


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
