"""A line of IRC, read and written. Sources: RFC 1459, section 2.3; https://ircv3.net/specs/extensions/message-tags"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST = 510
"""Bytes of a line, without the two that end it."""
RELAYED = 220
"""Bytes that a server may put before our text when it passes it on: our nick, user and host, and the target."""
LONGEST_TEXT = LONGEST - RELAYED
NICK = re.compile(r"[A-Za-z_\[\]\\`^{|}][A-Za-z0-9_\[\]\\`^{|}-]{0,29}")
CHANNEL = re.compile(r"[#&][^\s,:\x00-\x1f]{1,49}")

FORM = re.compile(
    r"(?:@(?P<tags>\S+) +)?(?::(?P<source>\S+) +)?(?P<command>[A-Za-z]+|[0-9]{3})(?P<params>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Line:
    command: str
    params: tuple[str, ...] = ()
    source: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def nick(self) -> str:
        return self.source.partition("!")[0]

    @property
    def last(self) -> str:
        """The text of most lines."""
        return self.params[-1] if self.params else ""


def read_line(raw: bytes) -> Line | None:
    """None for what is no line of IRC. What is no UTF-8 keeps its place as a question mark in a box."""
    found = FORM.fullmatch(raw.decode("utf-8", "replace").strip("\r\n"))
    if found is None:
        return None
    middle, colon, text = found["params"].partition(" :")
    params = [word for word in middle.split(" ") if word] + ([text] if colon else [])
    tags = dict(tag.partition("=")[::2] for tag in (found["tags"] or "").split(";") if tag)
    return Line(found["command"].upper(), tuple(params), found["source"] or "", tags)


def write_line(command: str, *params: str) -> bytes:
    """One line, whatever is in the parameters: nothing in them can end it or begin another. Cut at the 512th byte."""
    *words, last = [re.sub(r"[\r\n\0]", " ", param) for param in params] or [""]
    if any(not word or " " in word or word.startswith(":") for word in words):
        raise ValueError("only the last parameter of a line can be empty, hold spaces or begin with a colon")
    needs_colon = not last or " " in last or last.startswith(":")
    line = " ".join([command, *words, *([f":{last}" if needs_colon else last] if params else [])])
    return cut(line, LONGEST).encode() + b"\r\n"


def cut(text: str, most: int) -> str:
    """`text`, or as many whole characters of it as fit into so many bytes."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def pieces(text: str, room: int, most: int) -> list[str]:
    """`text` in at most so many pieces of so many bytes, broken at spaces where there are any."""
    found: list[str] = []
    while text and len(found) < most:
        piece = cut(text, room)
        if len(piece) < len(text) and not text[len(piece)].isspace() and " " in piece.strip():
            piece = piece[: piece.rindex(" ")]
        found.append(piece.strip())
        text = text[len(piece) :].strip()
    return found


def same_nick(one: str, other: str) -> bool:
    """Servers differ in what else they take for the same; nobody is taken for somebody else by letters alone."""
    return lowered(one) == lowered(other)


def lowered(nick: str) -> str:
    """Case folded as far as every server folds it: letters, not brackets."""
    return "".join(c.lower() if c.isascii() else c for c in nick)
