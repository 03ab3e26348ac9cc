"""The fields of a message, for tools that send a form, or whose users write its names and values themselves."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field

from oncall.ingest.reading import BadEvent, read_object

MOST_FIELDS = 1_000

_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=?-]{1,70}")
"""Between the parts of a form (RFC 2046)."""

_MACRO = re.compile(r"\$[A-Z_][A-Z0-9_:.]*\$?|\{\$?[A-Z][A-Z0-9_.]*\}|\*[a-zA-Z]+\*|\$[a-z_]+(\.[a-z_]+)*\$")
"""A macro that the sender left as it was: $EVENT_TITLE, $SERVICEDESC$, {ALERT.NAME}, *alertType*, $host.name$."""


def read_fields(body: bytes) -> dict[str, Any]:
    """A JSON object or a form of either kind, told apart by how it begins. Of a field sent twice the last counts."""
    text = body.strip()
    if text.startswith(b"--"):
        return _multipart(text)
    if text.startswith((b"{", b"[", b'"')) or b"=" not in text:
        return read_object(body)
    return _urlencoded(text)


def named_alike(fields: Mapping[str, Any]) -> dict[str, Any]:
    """By names in lower case without dots, dashes and underscores: `EVENT.ID`, `event_id` and `eventId` are one."""
    return {re.sub(r"[^a-z0-9]", "", name.lower()): value for name, value in fields.items()}


def text_in(value: object) -> str:
    """A text or number as a text; empty for what else there may be, and for a macro that nobody filled in."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()
    return "" if _MACRO.fullmatch(text) else text


def text_of(fields: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := text_in(fields.get(name)))), "")


def object_of(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object of that name; an empty one where there is none, as where it is null."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def blank(*required: tuple[str, str]) -> list[str]:
    """The fault of each (name, text) of which nothing came."""
    return [f"'{name}' is missing or blank" for name, text in required if not text]


def _urlencoded(body: bytes) -> dict[str, Any]:
    try:
        # Plugins answer in any encoding: a page with a wrong letter is better than none.
        fields = parse_qsl(_text(body), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadEvent([f"the form has too many fields: {MOST_FIELDS:,} are the most"]) from None
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in fields}


def _multipart(body: bytes) -> dict[str, Any]:
    boundary = body.split(b"\n", 1)[0].strip()[2:]
    if not _BOUNDARY.fullmatch(boundary) or not body.endswith(b"--" + boundary + b"--"):
        raise BadEvent(["the form has no end: some of it is missing"])
    fields: dict[str, Any] = {}

    def keep(field: Field) -> None:
        fields[_text(field.field_name or b"")] = _text(field.value or b"")

    content_type = b'multipart/form-data; boundary="' + boundary + b'"'
    try:
        parse_form({"Content-Type": content_type}, _Once(body + b"\r\n"), keep, lambda _file: None)
    except (FormParserError, ValueError) as error:
        raise BadEvent([f"the body must be a JSON object or a form: {error}"]) from None
    return fields


class _Once:
    """A body as the parser of forms reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, _size: int) -> bytes:
        body, self._body = self._body, b""
        return body


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace").replace("\0", "")
