"""IRC: a page is said to a nick in private, and by name in the channel. A team's is said in the channel to all.

"Sent" means: the server said a moment before that the nick is there, not away, and its owner's, and has read our line.
Nobody can say that a person has: IRC has no receipts.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from notifiers.base import Message, PermanentFailure, Receipt, StatusReport
from notifiers.gsm7 import tidy
from notifiers.irc_bot import IrcBot
from notifiers.irc_line import CHANNEL, LONGEST_TEXT, NICK, lowered
from notifiers.kind import Accounts, BundleFacts, Kind, PageFacts
from notifiers.text import (
    LONGEST_SERVICE,
    LONGEST_SEVERITY,
    NO_SUMMARY,
    Alphabet,
    fit,
    newest_change,
    room,
    with_change,
)

LINE = Alphabet(LONGEST_TEXT - len("nick: ") - 30, lambda text: len(text.encode()), "…")
"""What fits into one line after the name of whom it is for."""


class Irc:
    name = "irc"

    def __init__(self, bot: IrcBot) -> None:
        self.bot = bot
        self.gives_up = False
        """No process of the installation has been connected for long: what is due fails, and goes other ways."""

    @property
    def takes_now(self) -> bool:
        return self.bot.is_connected or self.gives_up

    def send(self, message: Message) -> Receipt:
        if self.gives_up and not self.bot.is_connected:
            raise PermanentFailure("IRC is not connected")
        if CHANNEL.fullmatch(message.to):
            self.bot.announce(message.to, message.body)
        else:
            self.bot.deliver(message.to, message.body, by_name=message.alert is not None)
        return Receipt(f"irc-{uuid4().hex}")

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None: a server keeps nothing, so it is said again."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        return StatusReport(provider_id, "sent")


def nick(text: str) -> str:
    """In lower case. Raises ValueError: letters, digits and ``_-[]\\`^{|}``, and never a channel or a list."""
    if not NICK.fullmatch(text.strip()):
        raise ValueError("is no nick: write one as on IRC, such as alice, of 30 characters at most")
    return lowered(text.strip())


def channel_or_nick(text: str) -> str:
    """Of a team, in lower case. Raises ValueError."""
    if CHANNEL.fullmatch(text.strip()):
        return lowered(text.strip())
    try:
        return nick(text)
    except ValueError:
        raise ValueError("is no channel and no nick: write one as on IRC, such as #warroom") from None


def _page(facts: PageFacts) -> str:
    """`CRITICAL web: Disk full on db1. !ack 12 https://…`, whatever is set: answers come the way that pages go."""
    severity = LINE.shorten(tidy(facts.severity.upper()), LONGEST_SEVERITY)
    head = f"{severity} {LINE.shorten(tidy(facts.service), LONGEST_SERVICE)}: "
    tail = f"Alert {facts.number}, nothing to do for you" if facts.is_shadow else f"!ack {facts.number}"
    head, tail = ("Shadow: " if facts.is_shadow else "") + head, f"{tail} {facts.link}".strip()
    words = tidy(facts.summary) or NO_SUMMARY
    return fit(head, with_change(words, newest_change(facts), room(head, tail, LINE), LINE), tail, LINE)


def _bundle(facts: BundleFacts) -> str:
    """`CRITICAL: 7 alerts on web, oldest 3 min: Disk full on db1; Error rate 12 %. !ack all https://…`"""
    severity = LINE.shorten(tidy(facts.severity.upper()), LONGEST_SEVERITY)
    where = LINE.shorten(tidy(facts.where), LONGEST_SERVICE)
    head = f"{severity}: {facts.count} alerts on {where}, oldest {facts.oldest}: "
    tail = "Nothing to do for you" if facts.is_shadow else "" if facts.is_post else "!ack all"
    said = "; ".join(dict.fromkeys(tidy(facts.summary(page)) or NO_SUMMARY for page in facts.pages))
    return fit(("Shadow: " if facts.is_shadow else "") + head, said, f"{tail} {facts.link}".strip(), LINE)


def _code(code: str) -> str:
    return f"{code} is your code to confirm this nick for on-call pages. Not you? Ignore this."


def _make(accounts: Accounts) -> Irc | None:
    return Irc(IrcBot(accounts.irc)) if accounts.irc else None


KIND = Kind(
    name="irc",
    label="IRC message",
    example="alice",
    address=nick,
    team_address=channel_or_nick,
    page=_page,
    bundle=_bundle,
    notice=tidy,
    code=_code,
    make=_make,
    not_set_up="IRC is not set up: set ONCALL_IRC_SERVER, ONCALL_IRC_NICK and ONCALL_IRC_CHANNEL",
)
