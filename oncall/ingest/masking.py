"""Pure: a request as it may be shown to whoever may see its key, without what would let them in elsewhere; and events
as they may be shown to everybody, without the key.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from oncall.alerts.event import Event

MASK = "•••"
_NAMES = r"pass(?:word|wd|phrase)|secret|token|api[-_]?key|auth|cookie|signature|credential|routing_key|service_key"
"""In the name of a header, a field of JSON or of a form."""
_HEADER = re.compile(_NAMES, re.IGNORECASE)
_IN_SMALL = re.compile(_NAMES)
_JSON_FIELD = re.compile(
    rf'("[^"\\]{{0,60}}?(?:{_NAMES})[^"\\]{{0,60}}"\s{{0,8}}:\s{{0,8}})(?:"(?:[^"\\]|\\.)*(?:"|$)|-?\d[\d.eE+-]*)',
    re.IGNORECASE,
)
_FORM_FIELD = re.compile(
    rf"((?:^|[?&])[^=&\s]{{0,60}}?(?:{_NAMES})[^=&\s]{{0,60}}=)[^&\s]+", re.IGNORECASE | re.MULTILINE
)


def masked_headers(headers: Iterable[tuple[bytes, bytes]], secrets: Sequence[str]) -> list[list[str]]:
    """Of `Authorization: Bearer abc` the scheme is left."""
    return [_header(name.decode("latin-1"), value.decode("latin-1"), secrets) for name, value in headers]


def _header(name: str, value: str, secrets: Sequence[str]) -> list[str]:
    if not _HEADER.search(name):
        return [name, without(value, secrets)]
    scheme, gap, _ = value.partition(" ")
    return [name, f"{scheme} {MASK}" if gap and scheme.isalpha() else MASK]


def masked_text(text: str, secrets: Sequence[str]) -> str:
    """A path with its query, or a body: JSON, a form, or whatever it is."""
    text = without(text, secrets)
    if text.isascii() and not _IN_SMALL.search(text.lower()):  # most are not secret, and are told so ten times as fast
        return text
    shown = _JSON_FIELD.sub(rf'\1"{MASK}"', text)
    return _FORM_FIELD.sub(rf"\1{MASK}", shown)


def without(text: str, secrets: Sequence[str]) -> str:
    """Without the key, and what its options keep secret, wherever they stand."""
    for secret in secrets:
        for written in (secret, quote(secret, safe=""), secret.lower()):  # mail servers change capitals
            text = text.replace(written, MASK)
    return text


def without_key(events: list[Event], key: str, *sent: bytes) -> list[Event]:
    """Some senders have the key in what they `sent`, too: alerts are shown to many who may not see it."""
    if not any(key.encode() in part for part in sent):
        return events
    return [
        replace(event, details=_without_value(event.details, key), labels=_without_value(event.labels, key))
        for event in events
    ]


def _without_value(json: Any, secret: str) -> Any:
    if isinstance(json, dict):
        return {name: _without_value(value, secret) for name, value in json.items() if value != secret}
    return [_without_value(value, secret) for value in json if value != secret] if isinstance(json, list) else json
