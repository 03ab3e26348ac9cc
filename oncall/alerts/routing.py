"""Pure: rules of a team's key, in order, the first that matches wins: which service, how urgent, or not at all.

Rules are for what triggers. What acknowledges or resolves goes wherever its alert is, since a tool says less then, and
the hour may be another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import SchemaError, SchemaValidator, core_schema

from oncall.alerts.event import Event
from oncall.models.alert import Severity
from oncall.models.person import Urgency
from schedules.hours import Hours
from schedules.hours_text import parse_hours

LONGEST_LOOKED_AT = 10_000
"""Characters of a field."""
MOST_LOOKED_AT = 1_000
"""Parts of lists, for each field that is asked for: or a message of nothing but parts would hold up all others."""
FIELDS = ("summary", "source", "severity", "dedup_key")
MAPS = ("labels", "details")


@dataclass(frozen=True, slots=True)
class Condition:
    """All that is said must hold: one of the texts `equals`, the field `contains`, `matches` a regex, `exists`."""

    field: str
    equals: tuple[str, ...] = ()
    contains: str = ""
    matches: str = ""
    exists: bool | None = None


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """Without a service: the key's own. `hours`: only then."""

    name: str
    when: tuple[Condition, ...] = ()
    hours: Hours | None = None
    zone: ZoneInfo | None = None
    service: str | None = None
    urgency: Urgency | None = None
    severity: Severity | None = None
    suppress: bool = False


def route(rules: Sequence[RoutingRule], event: Event, now: datetime) -> RoutingRule | None:
    """The first that matches."""
    return next((rule for rule in rules if _is_time(rule, now) and all(_holds(one, event) for one in rule.when)), None)


def read_rules(stored: Sequence[Mapping[str, Any]]) -> tuple[RoutingRule, ...]:
    """From a key's column."""
    return tuple(
        RoutingRule(
            rule["name"],
            tuple(
                Condition(
                    one["field"],
                    tuple(one.get("equals", ())),
                    one.get("contains", ""),
                    one.get("matches", ""),
                    one.get("exists"),
                )
                for one in rule.get("when", ())
            ),
            parse_hours(rule["hours"]) if rule.get("hours") else None,
            ZoneInfo(rule["timezone"]) if rule.get("timezone") else None,
            rule.get("service"),
            Urgency(rule["urgency"]) if rule.get("urgency") else None,
            Severity(rule["severity"]) if rule.get("severity") else None,
            rule.get("suppress", False),
        )
        for rule in stored
    )


def problem_with_field(field: str) -> str:
    """Why a rule can't ask for it, in a sentence; empty if it can."""
    name, _, rest = field.partition(".")
    if (name in MAPS and rest) or field in FIELDS:
        return ""
    return f"“{field}” is no field of an event: write {', '.join(FIELDS)}, labels.NAME or details.NAME"


def problem_with_regex(pattern: str) -> str:
    """Why it can't be used, in a sentence; empty if it can."""
    try:
        _matcher(pattern)
    except SchemaError:
        return f"“{pattern}” is no regular expression that can be used (no look-around, no back-references)"
    return ""


def _is_time(rule: RoutingRule, now: datetime) -> bool:
    zone = rule.zone or ZoneInfo("UTC")
    return rule.hours is None or bool(rule.hours.spans(zone, now, now + datetime.resolution))


def _holds(one: Condition, event: Event) -> bool:
    texts = _texts(_value(event, one.field))
    if one.exists is not None and bool(texts) is not one.exists:
        return False
    if one.equals and not any(text in one.equals for text in texts):
        return False
    if one.contains and not any(one.contains.casefold() in text.casefold() for text in texts):
        return False
    return not one.matches or any(_matcher(one.matches).isinstance_python(text) for text in texts)


def _value(event: Event, field: str) -> Any:
    name, _, rest = field.partition(".")
    value = getattr(event, name, None)
    return _inside(value, rest) if name in MAPS else value


def _inside(value: Any, path: str) -> Any:
    """By names with dots between them; a name may have dots itself. In a list a number counts, and a name is that of
    any of its parts: `responders.name`.
    """
    if not path:
        return value
    if isinstance(value, Mapping):
        if path in value:
            return value[path]
        names = [path[:i] for i, letter in enumerate(path) if letter == "."]
        return next((_inside(value[name], path[len(name) + 1 :]) for name in names if name in value), None)
    if isinstance(value, list):
        number, _, rest = path.partition(".")
        if not (number.isascii() and number.isdigit()):
            return list(islice(_of_parts(value, path), MOST_LOOKED_AT))
        return _inside(value[int(number)], rest) if len(number) < 6 and int(number) < len(value) else None
    return None


def _of_parts(parts: list[Any], path: str) -> Iterator[Any]:
    """What each has there, or None."""
    for part in parts[:MOST_LOOKED_AT]:
        if isinstance(part, Mapping):
            yield from _listed(_inside(part, path)) or [None]


def _texts(value: Any) -> list[str]:
    """What is compared: of a list, each of its texts and numbers. None: the field is not there."""
    texts = (each for each in _listed(value)[:MOST_LOOKED_AT] if isinstance(each, str | int | float) and each != "")
    return [_text(each)[:LONGEST_LOOKED_AT] for each in texts]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: str | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@lru_cache(maxsize=2048)
def _matcher(pattern: str) -> SchemaValidator:
    """Of Rust's engine, whose time is linear in the text: no pattern can hold up what comes in."""
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
