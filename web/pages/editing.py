"""One object of the config edited in a form: saved as `oncall apply` saves it, and never over what somebody else did.

The form carries what it was filled in from. Where that is no longer so when it comes back, whoever sent it is shown
what has changed meanwhile, with what they typed still in the form.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.form import Form
from oncall.config.load import load
from oncall.config.plan import Change, difference
from oncall.config.problems import BadConfig
from oncall.config.schema import Config
from oncall.errors import BadInput
from web.edge import Caller


class EditedMeanwhile(Exception):
    """`changes`: what somebody else did, in the words of the config. `now`: how it stands."""

    def __init__(self, changes: Sequence[str], now: Form | None) -> None:
        super().__init__()
        self.changes, self.now = changes, now


@dataclass(frozen=True, slots=True)
class Wrong:
    """By field, as `steps.1.wait`; `others` are of no field of the form."""

    fields: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[str] = ()

    @classmethod
    def of(cls, error: BadInput) -> "Wrong":
        if not isinstance(error, BadConfig):
            return cls({}, error.problems or [error.detail])
        fields = {".".join(map(str, each.location[2:])): each.sentence for each in error.found}
        return cls(fields)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def besides(self, shown: Sequence[str]) -> list[str]:
        """What is said of other fields than those `shown`."""
        return [*self.others, *(f"{name}: {said}" for name, said in self.fields.items() if name not in shown)]


NOTHING_WRONG = Wrong()


def find(current: Config, section: str, name: str) -> Form | None:
    forms: Sequence[Form] = getattr(current, section)
    return next((form for form in forms if form.key_name == name), None)


def base_of(form: Form | None) -> str:
    """For the form to carry."""
    return form.model_dump_json() if form else ""


def save(caller: Caller, section: str, base: str, written: dict[str, Any]) -> list[Change]:
    """Raises EditedMeanwhile, or BadInput with what is wrong in `written`, an object as the config file has it."""
    current = export(caller.session)
    now = find(current, section, written["name"])
    if without_keys(now) != base:
        raise EditedMeanwhile(_changes(section, base, now), now)
    return apply(caller.session, load(json.dumps({section: [written]}), current), caller.now)


def without_keys(form: Form | None) -> str:
    """As `base_of`, without what is secret in it, and not edited here."""
    has_keys = form is not None and "integration_keys" in type(form).model_fields
    return base_of(form.model_copy(update={"integration_keys": []}) if form and has_keys else form)


def _changes(section: str, base: str, now: Form | None) -> list[str]:
    if now is None:
        return ["it is gone"]
    if not base:
        return [f"{now.key_name} has been made: choose another name, or go on from theirs"]
    try:
        before = Config.model_validate({section: [json.loads(base)]})
    except ValueError:
        return ["what this form was filled in from can't be read: look through it before you save it"]
    after = Config.model_validate({section: [json.loads(without_keys(now))]})
    return [str(detail) for change in difference(before, after) for detail in change.details]
