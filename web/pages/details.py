"""An alert's details as rows that can be read: nested JSON, sent by anybody, flattened to names and values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 100
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: str

    @property
    def is_long(self) -> bool:
        return len(self.value) > 120 or "\n" in self.value


def readable(details: Mapping[str, Any]) -> list[Row]:
    """`{"labels": {"job": "db"}}` becomes a row "labels.job", "db". Cut after MOST_ROWS, and says so."""
    rows = list(_rows("", details, 0)) if details else []
    if len(rows) > MOST_ROWS:
        return [*rows[:MOST_ROWS], Row("…", f"and {len(rows) - MOST_ROWS} more; the API has them all")]
    return rows


def _rows(name: str, value: object, depth: int) -> Iterator[Row]:
    if isinstance(value, Mapping) and value and depth < DEEPEST:
        for key, inner in value.items():
            yield from _rows(f"{name}.{key}" if name else str(key), inner, depth + 1)
    else:
        yield Row(name, _text(value))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(str(item) for item in value)
    if isinstance(value, list) and all(_is_flat(item) for item in value):
        return "\n".join(", ".join(f"{name}: {inner}" for name, inner in item.items()) for item in value)
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, Mapping | list) else None, default=str)


def _is_flat(value: object) -> bool:
    """Such as `{"type": "team", "name": "ops"}`, which fits a line."""
    return isinstance(value, Mapping) and all(isinstance(inner, str | int | float) for inner in value.values())
