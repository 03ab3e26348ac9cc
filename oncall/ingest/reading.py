"""What parsers share: the request as it came, JSON read strictly, words and links understood, faults told."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pydantic_core

from oncall.alerts.event import DEDUP_KEY_MAX
from oncall.errors import BadInput, Forbidden
from oncall.models.alert import Severity

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A request as it came, and the options of the key it came to."""

    body: bytes
    options: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Asked for by names in lower case."""
    query: Mapping[str, str] = field(default_factory=dict)
    at: datetime = LONG_AGO
    """When it came."""


class BadSignature(Forbidden):
    """Not from the tool that has the key's secret, or altered on its way. Nothing of it is stored."""

    title = "Bad signature"


class BadEvent(BadInput):
    """The body can't be read as this tool's message. Nothing of it is stored."""

    title = "Bad event"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems), problems=problems)


def read_json(body: bytes) -> Any:
    """The body as JSON, whatever its Content-Type said; without NUL characters, which databases refuse."""
    try:
        return _storable(pydantic_core.from_json(body, allow_inf_nan=False))
    except ValueError as error:
        raise BadEvent([f"the body must be JSON: {error}"]) from None


def read_object(body: bytes) -> dict[str, Any]:
    value = read_json(body)
    if not isinstance(value, dict):
        raise BadEvent([f"the body must be a JSON object, not {_kind(value)}"])
    return value


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _storable(value: Any) -> Any:
    """Raises ValueError for a number like 1e400, which the reader takes for infinity and no JSON can hold."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {key.replace("\0", ""): _storable(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number in it is too large")
    return value


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, with an ellipsis where it was cut."""
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def dedup_key(text: str) -> str:
    """`text` as a dedup key. A longer one keeps what makes it different: cut off alike, two alerts would become one."""
    if len(text) <= DEDUP_KEY_MAX:
        return text
    return f"{text[: DEDUP_KEY_MAX - 65]}#{hashlib.sha256(text.encode()).hexdigest()}"


def web_links(*links: tuple[object, str]) -> list[dict[str, str]]:
    """Links that may be shown: those that are web addresses. A `javascript:` one is left out."""
    return [
        {"href": href, "text": text}
        for href, text in links
        if isinstance(href, str) and href.startswith(("http://", "https://"))
    ]


MOST_LABELS, LONGEST_LABEL_NAME, LONGEST_LABEL = 60, 100, 300


def labels_of(fields: object) -> dict[str, str]:
    """The texts, numbers and yes-or-no of a flat object as labels; what is more than a label is left to the details."""
    if not isinstance(fields, Mapping):
        return {}
    flat = {name: _label(value) for name, value in fields.items() if isinstance(value, str | int | float)}
    named = [(name[:LONGEST_LABEL_NAME], shorten(text, LONGEST_LABEL)) for name, text in flat.items() if text.strip()]
    return dict(named[:MOST_LABELS])


def _label(value: str | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


SEVERITY_WORDS: dict[str, Severity] = {
    word: severity
    for severity, words in {
        Severity.CRITICAL: "critical crit fatal emergency disaster page blocker p1 sev0 sev1",
        Severity.ERROR: "error err high major alert p2 sev2",
        Severity.WARNING: "warning warn average medium minor p3 sev3",
        Severity.INFO: "info information informational notice low none debug ok p4 p5 sev4",
    }.items()
    for word in words.split()
}


def severity_of(word: object, default: Severity = Severity.ERROR) -> Severity:
    """The severity that a tool's own word means; an unknown one is taken as `default`, so that it still pages."""
    return SEVERITY_WORDS.get(word.strip().lower(), default) if isinstance(word, str) else default
