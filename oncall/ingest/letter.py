"""A mail as people read it: its subject, its text, and the names of what is attached.

Read leniently. What monitoring sends, and what mail servers make of it on the way, keeps few of the rules: charsets
that nobody knows, raw bytes in headers, base64 that is cut off.
"""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from email.utils import parseaddr

from oncall.ingest.html_text import text_of_html
from oncall.ingest.reading import BadEvent

LONGEST_TEXT = 20_000
"""Characters of a mail's text that are kept."""
LONGEST_PART = 200_000
"""Bytes of a part that are looked at."""
LONGEST_HEADER = 4_000
"""Characters of a header that are looked at."""
MOST_PARTS = 200
MOST_BOUNDARIES = 5_000
"""Lines that begin like a boundary between parts: each costs the reader as much as a kilobyte."""
MOST_MULTIPARTS = 100
"""How deep parts may lie within each other: Python's reader goes down one call for each, as far as its stack goes."""
BROKEN = "the mail can't be read: its parts are nested too deeply, or broken"
_KNOWN_BY = ("subject", "from", "date", "message-id")
"""A text without any of these headers is no mail."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    sender: str
    """Its address alone."""
    date: str
    text: str
    attachments: list[str] = field(default_factory=list)
    message_id: str = ""
    is_reply_of_a_machine: bool = False
    """An out-of-office note, or that something could not be delivered."""


class _Shortened(Compat32):
    """Headers as far as they are looked at: the library takes the square of their length for those with parameters."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        return name, value[:LONGEST_HEADER]


def parse_mail(body: bytes) -> Message:
    """Raises BadEvent for what is no mail, or would keep us too long."""
    if body.count(b"\n--") > MOST_BOUNDARIES:
        raise BadEvent([f"the mail has too many parts: {MOST_BOUNDARIES:,} are the most"])
    if body.lower().count(b"boundary=") > MOST_MULTIPARTS:
        raise BadEvent([f"the mail's parts are nested too deeply: {MOST_MULTIPARTS} are the most"])
    try:
        message = BytesParser(policy=_Shortened()).parsebytes(body)
        if not any(_header(message, name) for name in _KNOWN_BY):
            raise BadEvent(["the body must be a mail, with headers such as Subject and From (RFC 5322)"])
    except (MessageError, RecursionError):
        raise BadEvent([BROKEN]) from None
    return message


def read_letter(body: bytes) -> Letter:
    """Raises BadEvent for what is no mail."""
    message = parse_mail(body)
    try:
        text, attachments = _content(message)
        sender = parseaddr(_header(message, "from"))[1]
    except (MessageError, RecursionError):
        raise BadEvent([BROKEN]) from None
    automatic = _header(message, "auto-submitted").lower()
    return Letter(
        subject=_header(message, "subject"),
        sender=sender,
        date=_header(message, "date"),
        text=text,
        attachments=attachments,
        message_id=_header(message, "message-id"),
        is_reply_of_a_machine=automatic.startswith("auto-replied") or message.get_content_type() == "multipart/report",
    )


def _header(message: Message, name: str) -> str:
    """On one line, decoded; empty without it."""
    raw = next((str(value) for header, value in message.raw_items() if header.lower() == name), "")
    # bytes that are not ASCII are surrogates here; most are UTF-8, and all are Latin-1
    there = raw.encode("utf-8", "surrogateescape")
    text = _decoded(there, "utf-8")
    try:
        parts = decode_header(text)
    except (HeaderParseError, binascii.Error, ValueError):
        parts = [(text, None)]
    whole = "".join(part if isinstance(part, str) else _decoded(part, charset or "utf-8") for part, charset in parts)
    return " ".join(_clean(whole).split())


def _content(message: Message) -> tuple[str, list[str]]:
    """The text, of HTML only where there is no plain one, and the names of all that is no text to read."""
    plain: list[str] = []
    rich: list[str] = []
    attachments = []
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            break
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment" or kind not in ("text/plain", "text/html"):
            attachments.append(_name_of(part, kind))
        elif kind == "text/plain":
            plain.append(_text(part))
        else:
            rich.append(_text(part))
    text = "\n".join(part for part in plain if part.strip()) or "\n".join(map(text_of_html, rich))
    return _clean(text).strip()[:LONGEST_TEXT], attachments


def _name_of(part: Message, kind: str) -> str:
    try:
        name = part.get_filename()
    except (LookupError, ValueError, TypeError):
        name = None
    return " ".join(_clean(name or kind).split())[:200] or kind


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        charset = part.get_content_charset()
    except (LookupError, ValueError):
        charset = None
    return _decoded(payload[:LONGEST_PART], charset or "utf-8")


def _decoded(raw: bytes, charset: str) -> str:
    """In the charset that it says; in one that fits where it doesn't."""
    for each in (charset, "utf-8"):
        try:
            return raw.decode(each)
        except (LookupError, ValueError):
            continue
    return raw.decode("latin-1")


def _clean(text: str) -> str:
    """Without what no database keeps."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
