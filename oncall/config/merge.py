"""Pure: what is set up already, and what the file says on top of it, as one whole."""

from collections.abc import Sequence, Set
from typing import Any, TypeVar

from oncall.config.form import Form
from oncall.config.schema import KINDS, Config, ContactMethodForm, ScheduleForm, UserForm
from oncall.config.service_forms import IntegrationKeyForm
from oncall.ingest.registry import set_secrets

AnyForm = TypeVar("AnyForm", bound=Form)

NAMED_LISTS = ("contact_methods", "rotations", "integration_keys")
"""Lists that are replaced as a whole, but whose items keep by name what the file does not say of them."""
PARTS = ("notices",)
"""Objects without a name within others: what the file does not say of them stays."""


def merge(current: Config, wanted: Config) -> Config:
    """`wanted` laid over `current`. Objects, and fields of objects, that `wanted` does not name stay as they are."""
    sections = {section: _section(getattr(current, section), getattr(wanted, section)) for section in KINDS}
    return current.model_copy(update=sections)


def _section(current: Sequence[AnyForm], wanted: Sequence[AnyForm]) -> list[AnyForm]:
    merged = {form.key_name: form for form in current}
    for form in wanted:
        merged[form.key_name] = _object(merged.get(form.key_name), form)
    return list(merged.values())


def _object(old: AnyForm | None, new: AnyForm) -> AnyForm:
    given = {field: getattr(new, field) for field in new.model_fields_set}
    for field in given.keys() & NAMED_LISTS:
        before = {form.key_name: form for form in getattr(old, field, [])}
        given[field] = [_object(before.get(form.key_name), form) for form in given[field]]
    if old is not None:
        given |= {field: _object(getattr(old, field), given[field]) for field in given.keys() & PARTS}
    merged = (old or new).model_copy(update=given)
    return merged.model_copy(update=_consequences(old, merged, given.keys()))


def _consequences(old: Form | None, merged: Form, given: Set[str]) -> dict[str, Any]:
    """What can't stay as it was because of the fields that were given."""
    if isinstance(old, ContactMethodForm) and isinstance(merged, ContactMethodForm):
        is_same = merged.address == old.address
        return {} if is_same or "verified" in given else {"verified": False}
    if isinstance(merged, UserForm) and "notification_rules" not in given:
        names = {method.name for method in merged.contact_methods}
        return {"notification_rules": [rule for rule in merged.notification_rules if rule.contact_method in names]}
    if isinstance(merged, IntegrationKeyForm) and "options" in given:
        return {"options": _options(old, merged)}
    if isinstance(merged, ScheduleForm) and merged.timezone:
        is_about_levels = "levels" in given and "overrides" not in given
        overrides = [each for each in merged.overrides if not is_about_levels or each.level in merged.levels]
        return {"overrides": [override.in_zone(merged.timezone) for override in overrides]}
    return {}


def _options(old: Form | None, merged: IntegrationKeyForm) -> dict[str, str]:
    """Secrets stay unless the file names them, since no export gives them back; an empty one is taken away."""
    kept = {}
    if isinstance(old, IntegrationKeyForm) and old.tool == merged.tool:
        kept = {name: old.options[name] for name in set_secrets(old.tool, old.options)}
    return {name: value for name, value in (kept | merged.options).items() if value}
