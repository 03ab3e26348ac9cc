"""Pure: what is typed into the form of a service, as texts, and as the config file has it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from starlette.datastructures import FormData

from oncall.config.service_forms import FlappingForm, GroupingForm, ServiceForm
from oncall.config.values import write_span
from oncall.models import ServiceUrgency, Urgency
from web.pages.typed import as_list, as_number

TEXTS = ("name", "description", "team", "escalation_policy", "urgency", "auto_resolve", "reopen_within")
SUPPORT = ("hours", "timezone", "during", "outside")
FLAPPING = ("times", "within", "stays")
PARTS = (
    *(f"support_hours.{name}" for name in SUPPORT),
    *(f"flapping.{name}" for name in FLAPPING),
    *("grouping.labels", "grouping.within"),
)
SHOWN = (*TEXTS, *PARTS, "grouping", "depends_on")
"""Beside which the form says what is wrong."""
MOST_NEEDED = 50
Typed: TypeAlias = dict[str, Any]
"""TEXTS and PARTS as they are, and `depends_on` as a list."""


def blank(team: str) -> Typed:
    return {
        **dict.fromkeys(TEXTS, ""),
        **_no_parts(),
        "team": team,
        "urgency": ServiceUrgency.SEVERITY,
        "depends_on": [],
    }


def _no_parts() -> Mapping[str, str]:
    urgencies = {"support_hours.during": Urgency.HIGH, "support_hours.outside": Urgency.LOW}
    return {**dict.fromkeys(PARTS, ""), **urgencies}


def typed_of(form: ServiceForm) -> Typed:
    written: dict[str, Any] = form.model_dump(mode="json")
    support = form.support_hours.model_dump(mode="json") if form.support_hours else {}
    parts = {f"support_hours.{name}": value for name, value in support.items()}
    parts |= _flapping(form.flapping) | _grouping(form.grouping)
    texts = {name: written.get(name) or "" for name in TEXTS}
    return {**texts, "urgency": form.urgency, **_no_parts(), **parts, "depends_on": list(form.depends_on)}


def _flapping(form: FlappingForm | None) -> dict[str, str]:
    if form is None:
        return {}
    spans = {"flapping.within": write_span(form.within), "flapping.stays": write_span(form.stays)}
    return {"flapping.times": str(form.times), **spans}


USUAL_FLAPPING = _flapping(FlappingForm())


def _grouping(form: GroupingForm | None) -> dict[str, str]:
    if form is None:
        return {}
    return {
        "grouping.labels": ", ".join(form.labels),
        "grouping.within": write_span(form.within) if form.within else "",
    }


def sent(form: FormData) -> Typed:
    needed = [str(name).strip() for name in form.getlist("depends_on")][:MOST_NEEDED]
    return {name: str(form.get(name, "")).strip() for name in (*TEXTS, *PARTS)} | {
        "depends_on": [name for name in needed if name]
    }


def as_config(typed: Typed) -> dict[str, Any]:
    """What is empty is nothing, and what the form does not show stays as it is."""
    support, flapping = _part(typed, "support_hours", SUPPORT), _part(typed, "flapping", FLAPPING)
    return {
        **{name: typed[name] for name in ("name", "description", "escalation_policy", "urgency")},
        **{name: typed[name] or None for name in ("team", "auto_resolve", "reopen_within")},
        "support_hours": support if support["hours"] else None,
        "flapping": _filled(flapping | {"times": as_number(flapping["times"])}),
        "grouping": _filled({"labels": as_list(typed["grouping.labels"]), "within": typed["grouping.within"]}),
        "depends_on": typed["depends_on"],
    }


def _part(typed: Typed, part: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: typed[f"{part}.{name}"] for name in names}


def _filled(part: dict[str, Any]) -> dict[str, Any] | None:
    """What is left empty is as usual; all of it, and nothing is said of it."""
    return {name: value for name, value in part.items() if value not in ("", [])} or None
