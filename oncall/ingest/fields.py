"""The fields of a message, for tools that send a form, or whose users write its names and values themselves."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field

from oncall.ingest.reading import BadEvent, Inbound, read_object

MOST_FIELDS = 1_000

_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=?-]{1,70}")
"""Between the parts of a form (RFC 2046)."""

_MACRO = re.compile(r"\$[A-Z_][A-Z0-9_:.]*\$?|\{\$?[A-Z][A-Z0-9_.]*\}|\*[a-zA-Z]+\*|\$[a-z_]+(\.[a-z_]+)*\$")
"""A macro that the sender left as it was: $EVENT_TITLE, $SERVICEDESC$, {ALERT.NAME}, *alertType*, $host.name$."""


def read_fields(inbound: Inbound) -> dict[str, Any]:
    """What the body says as a JSON object or as a form of either kind, and the query. Raises BadEvent for neither."""
    body = inbound.body.strip()
    if body.startswith((b"{", b"[", b'"')):
        fields = read_object(body)
    elif body.startswith(b"--"):
        fields = _multipart(body)
    else:
        fields = _urlencoded(body)
    return {**inbound.query, **fields}


def named_alike(fields: Mapping[str, Any]) -> dict[str, Any]:
    """By names in lower case without dots, dashes and underscores: `EVENT.ID`, `event_id` and `eventId` are one."""
    return {re.sub(r"[^a-z0-9]", "", name.lower()): value for name, value in fields.items()}


def text_of(value: object) -> str:
    """A text or number as a text; empty for what else there may be, and for a macro that nobody filled in."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()
    return "" if _MACRO.fullmatch(text) else text


def first_text(fields: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := text_of(fields.get(name)))), "")


def object_in(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object in this field; an empty one where there is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def missing(**texts: str) -> list[str]:
    """What to say of those that are blank."""
    return [f"'{name}' is missing or blank" for name, text in texts.items() if not text]


def _urlencoded(body: bytes) -> dict[str, Any]:
    if body and b"=" not in body:
        raise BadEvent(["the body must be a JSON object or a form"])
    try:
        # Plugins answer in any encoding: a page with a wrong letter is better than none.
        fields = parse_qsl(_text(body), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadEvent([f"the form has more than {MOST_FIELDS} fields"]) from None
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
