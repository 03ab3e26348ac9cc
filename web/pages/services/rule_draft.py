"""Pure: rules of routing while somebody edits them. As typed, so that nothing is lost while they are not right yet.

The form carries all of them in one field, and the one that is open in fields of its own; each button sends both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.datastructures import FormData

from oncall.config.routing_forms import MOST_CONDITIONS, MOST_RULES
from oncall.errors import BadInput
from oncall.names import is_storable


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("holds a NUL or a broken character")
    return text


Text = Annotated[str, AfterValidator(_storable)]


class How(StrEnum):
    """What a condition asks of its field."""

    EQUALS = "equals"
    CONTAINS = "contains"
    MATCHES = "matches"
    EXISTS = "exists"
    MISSING = "missing"


class ConditionDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    field: Text = ""
    how: How = How.EQUALS
    value: Text = ""
    """Of `equals`, each text on a line of its own."""

    def asked(self) -> dict[str, Any]:
        """As the config file has it."""
        match self.how:
            case How.EQUALS:
                return {"field": self.field, "equals": _lines(self.value)}
            case How.EXISTS | How.MISSING:
                return {"field": self.field, "exists": self.how is How.EXISTS}
            case how:
                return {"field": self.field, how.value: self.value.strip()}


class RuleDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text = ""
    when: list[ConditionDraft] = Field([], max_length=MOST_CONDITIONS * 4)
    hours: Text = ""
    timezone: Text = ""
    service: Text = ""
    urgency: Text = ""
    severity: Text = ""
    suppress: bool = False

    def written(self) -> dict[str, Any]:
        """As the config file has it."""
        fields = self.model_dump(exclude={"when"}, exclude_defaults=True)
        fields |= {"timezone": ""} if not self.hours else {}  # there is always one chosen
        return {
            **{name: value for name, value in fields.items() if value},
            "when": [one.asked() for one in self.when],
        }


_RULES = TypeAdapter(Annotated[list[RuleDraft], Field(max_length=MOST_RULES)])


@dataclass(slots=True)
class Draft:
    rules: list[RuleDraft]
    open: int | None = None
    """The place of the rule whose fields are shown."""

    @property
    def packed(self) -> str:
        return _RULES.dump_json(self.rules, exclude_defaults=True).decode()

    def written(self) -> list[dict[str, Any]]:
        return [rule.written() for rule in self.rules]

    def press(self, button: str) -> None:
        """`edit 2`, `up 2`, `down 2`, `remove 2`, `add`; what is none of these changes nothing."""
        verb, _, number = button.partition(" ")
        place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else len(self.rules)
        match verb:
            case "add" if len(self.rules) < MOST_RULES:
                self.rules.append(RuleDraft())
                self.open = len(self.rules) - 1
            case "close":
                self.open = None
            case "edit" if place < len(self.rules):
                self.open = place
            case "up" if 0 < place < len(self.rules):
                self._change_places(place - 1, place)
            case "down" if place + 1 < len(self.rules):
                self._change_places(place, place + 1)
            case "remove" if place < len(self.rules):
                del self.rules[place]
                self.open = None if self.open is None or self.open == place else self.open - (self.open > place)

    def _change_places(self, one: int, other: int) -> None:
        self.rules[one], self.rules[other] = self.rules[other], self.rules[one]
        if self.open in (one, other):
            self.open = other if self.open == one else one


def draft_of(stored: Sequence[Mapping[str, Any]]) -> Draft:
    """Of a key's rules. A condition that asks several things of its field becomes several, which says the same."""
    return Draft([_rule_of(rule) for rule in stored])


def _rule_of(rule: Mapping[str, Any]) -> RuleDraft:
    plain = ("name", "hours", "timezone", "service", "urgency", "severity")
    return RuleDraft(
        **{name: rule.get(name) or "" for name in plain},
        suppress=rule.get("suppress", False),
        when=[one for stored in rule.get("when", ()) for one in _conditions_of(stored)],
    )


def _conditions_of(stored: Mapping[str, Any]) -> list[ConditionDraft]:
    field, found = stored["field"], []
    if stored.get("exists") is not None:
        found.append(ConditionDraft(field=field, how=How.EXISTS if stored["exists"] else How.MISSING))
    if stored.get("equals"):
        found.append(ConditionDraft(field=field, value="\n".join(stored["equals"])))
    for how in (How.CONTAINS, How.MATCHES):
        if stored.get(how):
            found.append(ConditionDraft(field=field, how=how, value=stored[how]))
    return found


def read_draft(form: FormData) -> Draft:
    """With what was typed into the fields of the rule that is open. Raises BadInput for a form that is not ours."""
    try:
        rules = _RULES.validate_json(_text(form, "draft") or "[]")
        draft = Draft(rules)
        place = _text(form, "open")
        if place:
            draft.rules[int(place)] = _typed(form)
            draft.open = int(place)
    except (ValidationError, ValueError, IndexError):
        raise BadInput("The form can't be read. Reload the page and try again.") from None
    return draft


def _typed(form: FormData) -> RuleDraft:
    rows = zip(*([str(each) for each in form.getlist(name)] for name in ("field", "how", "value")), strict=True)
    plain = ("name", "hours", "timezone", "service", "urgency", "severity")
    return RuleDraft(
        **{name: _text(form, name) for name in plain},
        suppress=bool(_text(form, "suppress")),
        when=[
            ConditionDraft(field=field.strip(), how=How(how), value=value.replace("\r\n", "\n"))
            for field, how, value in rows
            if field.strip() or value.strip()
        ],
    )


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
