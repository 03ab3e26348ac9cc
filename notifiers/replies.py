"""What somebody means by a text they sent us."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Action = Literal["acknowledge", "resolve", "escalate", "stop", "start", "help"]

WORDS: dict[str, Action] = {
    **dict.fromkeys(("a", "ack", "acknowledge", "acknowledged"), "acknowledge"),
    **dict.fromkeys(("r", "res", "resolve", "resolved"), "resolve"),
    **dict.fromkeys(("e", "esc", "escalate", "escalated"), "escalate"),
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), "stop"),
    **dict.fromkeys(("start", "unstop", "yes"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}
"""Every word we know. The last three rows are those to which Twilio and the carriers act themselves.

"ok" is not here: people answer it to anything, and a page must not be acknowledged by accident.
"""

ABOUT_ALERTS = frozenset({"acknowledge", "resolve", "escalate"})
FOR_ALL = frozenset({"acknowledge", "resolve"})
"""What can be said of all open alerts at once; escalating everything is never meant."""

FORMS = re.compile(
    r"#?(?P<before>[0-9]{1,9}) ?(?P<then>[a-z]+)"  # 12a, 12 ack, #12 resolve
    r"|(?P<first>[a-z]+) ?#?(?P<after>[0-9]{1,9})"  # a12, ack 12, resolve #12
    r"|(?P<word>[a-z]+)(?P<all> all)?"  # ack, ack all, STOP
)


@dataclass(frozen=True)
class Reply:
    """`number` is the alert's. Without one, and not `all`, it means the only alert open for that person."""

    action: Action
    number: int | None = None
    all: bool = False


def parse_reply(text: str) -> Reply | None:
    """Reads a reply in any case, with spaces, quotes or punctuation around it. None: not understood; say how to."""
    found = FORMS.fullmatch(_cleaned(text))
    if found is None:
        return None
    action = WORDS.get(found["then"] or found["first"] or found["word"])
    number = found["before"] or found["after"]
    if action is None or (number and action not in ABOUT_ALERTS) or (found["all"] and action not in FOR_ALL):
        return None
    return Reply(action, int(number) if number else None, all=bool(found["all"]))


def begun_reply(text: str) -> str:
    """The answer that a text begins with, to an alert by its number or to all: "ack 12" of "Ack 12, on it"; else ""."""
    words = _cleaned(text).split(" ")
    beginnings = (_cleaned(" ".join(words[:count])) for count in (2, 1))
    is_meant = (each for each in beginnings if (reply := parse_reply(each)) and (reply.all or reply.number is not None))
    return next(is_meant, "")


def _cleaned(text: str) -> str:
    """Lower case, single spaces, and nothing before or after but letters, digits and #."""
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return re.sub(r"^[^a-z0-9#]+|[^a-z0-9]+$", "", words)
