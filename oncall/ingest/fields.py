"""The fields of a message, whether it is JSON or a form as browsers send it, and the texts in them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from oncall.ingest.reading import BadEvent, read_object

MOST_FIELDS = 1_000
"""Of a form. No tool sends a tenth."""


def read_fields(body: bytes) -> dict[str, Any]:
    """A JSON object or a form, told apart by how it begins. Of a field that a form has twice the last counts."""
    text = body.strip()
    if text.startswith(b"{") or b"=" not in text:
        return read_object(body)
    try:
        pairs = parse_qsl(text.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadEvent([f"the form has too many fields: {MOST_FIELDS:,} are the most"]) from None
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in pairs}


def text_of(fields: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something. A number may come as such or as text; blank is nothing."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def object_of(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object of that name; an empty one where there is none, as where it is null."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def blank(*required: tuple[str, str]) -> list[str]:
    """The fault of each (name, text) of which nothing came."""
    return [f"'{name}' is missing or blank" for name, text in required if not text]
