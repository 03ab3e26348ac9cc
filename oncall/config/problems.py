"""What is wrong with a config, and where in the file: `schedules[0].rotations[1].shift (dev, developers): …`."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

from pydantic_core import ErrorDetails

from oncall.config import policy_forms, routing_forms, schema, service_forms
from oncall.config.form import Form
from oncall.errors import BadInput

Location: TypeAlias = tuple[str | int, ...]
"""Keys of maps and indexes of lists, from the top of the file. An object that is set up already, and not in the file,
has its name in place of its index: ("schedules", "dev", "levels")."""

UNION_TAGS = frozenset({"listed", "ruled"})
LISTS: dict[str, type[Form]] = {
    "users": schema.UserForm,
    "contact_methods": schema.ContactMethodForm,
    "notification_rules": schema.RuleForm,
    "teams": schema.TeamForm,
    "schedules": schema.ScheduleForm,
    "rotations": schema.RotationForm,
    "members": schema.MemberRule,
    "overrides": schema.OverrideForm,
    "escalation_policies": policy_forms.PolicyForm,
    "steps": policy_forms.StepForm,
    "services": service_forms.ServiceForm,
    "integration_keys": service_forms.IntegrationKeyForm,
    "heartbeats": service_forms.HeartbeatForm,
    "rules": routing_forms.RoutingRuleForm,
    "when": routing_forms.ConditionForm,
    "maintenance": service_forms.MaintenanceForm,
}
WORDS = {
    "missing": "is missing",
    "string_type": "must be text",
    "list_type": "must be a list",
    "model_type": "must be a map of fields",
    "dict_type": "must be a map",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "string_too_short": "must not be empty",
    "greater_than": "must be longer than 0",
}


@dataclass(frozen=True, slots=True)
class Problem:
    location: Location
    sentence: str


class BadConfig(BadInput):
    """`found`: each problem apart, for a form that shows it beside its field."""

    def __init__(
        self, detail: str, found: Sequence[Problem], problems: Sequence[str], *, field: str | None = None
    ) -> None:
        super().__init__(detail, field=field, problems=problems)
        self.found = found


def from_pydantic(error: ErrorDetails) -> Problem:
    location = tuple(step for step in error["loc"] if step not in UNION_TAGS)
    return Problem(location, _sentence(error, location))


def _sentence(error: ErrorDetails, location: Location) -> str:
    kind, message = error["type"], error["msg"]
    if kind == "extra_forbidden":
        return _unknown_field(location)
    if kind == "value_error":
        return message.removeprefix("Value error, ").removesuffix(".")
    if kind == "enum":
        return f"must be {error['ctx']['expected'].replace(chr(39), '')}, not {error['input']}"
    if kind == "too_short":
        return "must not be empty"
    if kind == "too_long":
        return f"must have {error['ctx']['max_length']} items at most"
    return WORDS.get(kind) or message.replace("Input should be", "must be").replace("String should", "must")


def _unknown_field(location: Location) -> str:
    parents = [step for step in location[:-1] if isinstance(step, str)]
    is_teams = parents[:1] == ["teams"] and parents[-1] == "integration_keys"
    form = routing_forms.TeamKeyForm if is_teams else LISTS[parents[-1]] if parents else schema.Config
    fields = form.model_fields
    close = difflib.get_close_matches(str(location[-1]), fields, n=1)
    return f"is not known here: {f'did you mean {close[0]}?' if close else 'known are ' + ', '.join(fields)}"


def refuse(problems: Sequence[Problem], content: Any) -> None:
    """Raises BadConfig with every problem, in the order of the file, if there is any. `content`: data or a Config."""
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = dict.fromkeys(_line(problem, content) for problem in sorted(problems, key=_order))
        raise BadConfig(f"The config has {count}; nothing was changed", problems, list(lines))


def _order(problem: Problem) -> tuple[int, float]:
    """By section, then by object; what is about neither, or about an object that is not in the file, goes last."""
    sections, item = [*schema.KINDS], _object(problem.location)
    section = problem.location[0] if problem.location else ""
    return sections.index(section) if section in sections else len(sections), item if isinstance(item, int) else inf


def _object(location: Location) -> str | int | None:
    """The index of the object, its name if it is not in the file, None for a place outside of objects."""
    return location[1] if len(location) > 1 and location[0] in schema.KINDS else None


def _line(problem: Problem, content: Any) -> str:
    names = ", ".join(_names(problem.location, content))
    where = _path(_as_written(problem.location, content)) + (f" ({names})" if names else "")
    return f"{where}: {problem.sentence}" if where else problem.sentence


def _as_written(location: Location, content: Any) -> Location:
    """Without the index that a text has where it stands for a list of one: `shift: 3 days`."""
    for i, step in enumerate(location):
        if isinstance(content, str):
            return location[:i]
        content = _inside(content, step)
    return location


def _path(location: Location) -> str:
    is_item = [isinstance(step, int) or i == 1 for i, step in enumerate(location)]
    steps = [f"[{step}]" if item else f".{step}" for step, item in zip(location, is_item, strict=True)]
    return "".join(steps).removeprefix(".")


def _names(location: Location, content: Any) -> Iterable[str]:
    """The names of the objects along the way, as far as they can be seen."""
    if isinstance(_object(location), str):
        yield "set up already"
    for step in location:
        content = _inside(content, step)
        name = _inside(content, "handle") or _inside(content, "name")
        if isinstance(step, int) and isinstance(name, str):
            yield name


def _inside(content: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return content[step] if isinstance(content, list) and step < len(content) else None
    return content.get(step) if isinstance(content, Mapping) else getattr(content, step, None)
