"""An alert's details as rows that can be read: nested JSON, sent by anybody, as names and values. Pure.

A tool's own fields (`startsAt`) are said in words; names within them (`labels.kube_namespace`) are people's, and stay
as they are searched for. What is empty is left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_ROWS = 100
DEEPEST = 4
FURTHEST = 12
"""What is deeper within a value is one line of JSON."""
NEVER = "0001-01-01T00:00:00Z"
"""A time that is not set, as programs in Go write it."""
NOTHING = (None, "", NEVER)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: str
    group: str = ""
    """The field that it is within."""
    at: datetime | None = None
    """The value, where it is a time that says its zone."""

    @property
    def is_long(self) -> bool:
        return len(self.value) > 160 or "\n" in self.value

    @property
    def beginning(self) -> str:
        """Of a long one, what can be said in a line."""
        first = self.value.strip().partition("\n")[0]
        return f"{first[:100].rstrip()}…"


def readable(details: Mapping[str, Any]) -> list[Row]:
    """`{"labels": {"job": "db"}}` becomes a row "job", "db" in the group "Labels"; those in no group come first.

    Cut after MOST_ROWS, and says so.
    """
    filled = _filled(details) or {}
    rows = sorted(
        (row for name, value in filled.items() for row in _field(name, value)), key=lambda row: row.group != ""
    )
    if len(rows) > MOST_ROWS:
        return [*rows[:MOST_ROWS], Row("…", f"and {len(rows) - MOST_ROWS} more; the API has them all")]
    return rows


def _filled(value: Any, depth: int = 0) -> Any:
    """Without what is empty; None where nothing is left."""
    if isinstance(value, Mapping | list) and depth > FURTHEST:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        filled = {name: inner for name, each in value.items() if (inner := _filled(each, depth + 1)) is not None}
        return filled or None
    if isinstance(value, list):
        return [inner for each in value if (inner := _filled(each, depth + 1)) is not None] or None
    return None if value in NOTHING else value


def _field(name: str, value: Any) -> Iterator[Row]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _rows(str(key), inner, _words(name), 1)
    else:
        yield from _rows(_words(name), value, "", 0)


def _words(name: str) -> str:
    """ "startsAt", "generator_url" as "Starts at", "Generator url"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", " ", name).strip() or name
    words = [word if word.isupper() else word.lower() for word in apart.split(" ")]
    return f"{words[0][:1].upper()}{' '.join(words)[1:]}"


def _rows(name: str, value: Any, group: str, depth: int) -> Iterator[Row]:
    if isinstance(value, Mapping) and depth < DEEPEST:
        for key, inner in value.items():
            yield from _rows(f"{name}.{key}", inner, group, depth + 1)
    else:
        yield Row(name, _text(value), group, _time(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Sequence) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, list) and all(_is_flat(item) for item in value):
        return "\n".join(", ".join(f"{name}: {_text(inner)}" for name, inner in item.items()) for item in value)
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    """What is within something below it, and further in."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            is_simple = not isinstance(inner, Mapping | list)
            yield f"{name}: {_text(inner)}" if is_simple else f"{name}:"
            yield from () if is_simple else (f"  {line}" for line in _lines(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from (f"{'  ' if number else '- '}{line}" for number, line in enumerate(_lines(inner)))
    else:
        yield _text(value)


def _is_flat(value: object) -> bool:
    """Such as `{"type": "team", "name": "ops"}`, which fits a line."""
    return isinstance(value, Mapping) and all(isinstance(inner, str | int | float) for inner in value.values())


def _time(value: object) -> datetime | None:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
