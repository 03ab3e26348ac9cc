"""What is particular to one way of reaching a person: how its addresses look, what it says, and who carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.apprise_account import AppriseAccount
from notifiers.base import Notifier
from notifiers.irc_account import IrcAccount
from notifiers.slack_account import SlackAccount
from notifiers.smtp_server import EmailAccount
from notifiers.twilio_client import TwilioAccount
from notifiers.webhook_signature import WebhookAccount


@dataclass(frozen=True)
class PastChange:
    """Something about the service that changed shortly before the alert."""

    what: str
    """`deploy web #4711 by bob`"""
    before: str
    """`4 min`"""

    def __str__(self) -> str:
        return f"{self.what}, {self.before} before"


@dataclass(frozen=True)
class PageFacts:
    """What a page tells about an alert."""

    number: int
    """The alert's, by which it is answered."""
    summary: str
    service: str
    severity: str
    link: str = ""
    """The alert's page; empty when nobody could open it."""
    since: datetime | None = None
    """When it was triggered (aware)."""
    can_reply: bool = True
    """Whether what people answer reaches us."""
    is_shadow: bool = False
    """For somebody who follows along and has nothing to do."""
    changes: tuple[PastChange, ...] = ()
    """The newest first. A text has room for one at most."""


@dataclass(frozen=True)
class BundleFacts:
    """What one message tells about several alerts."""

    count: int
    severity: str
    """Of the gravest."""
    services: tuple[str, ...]
    """By name, each once."""
    oldest: str
    """For how long the oldest has been open: "3 min"."""
    pages: tuple[PageFacts, ...]
    """What is new to the person first, then the gravest; not all of them when they are many."""
    link: str = ""
    """The page that lists them; empty when nobody could open it."""
    can_reply: bool = True
    is_shadow: bool = False
    is_post: bool = False
    """For an address of a team's own: “all” would mean something else to each who answers."""

    @property
    def where(self) -> str:
        """`payments-api`, or `3 services`."""
        return self.services[0] if len(self.services) == 1 else f"{len(self.services)} services"

    def summary(self, page: PageFacts) -> str:
        """What one of them is, with its service where it is not the only one."""
        return page.summary if len(self.services) == 1 else f"{page.service}: {page.summary}"


@dataclass(frozen=True)
class Accounts:
    """With whom we can send: None for each that is not set up."""

    twilio: tuple[TwilioAccount, ...] = ()
    """In the order in which they are used."""
    irc: IrcAccount | None = None
    email: EmailAccount | None = None
    webhook: WebhookAccount | None = None
    apprise: AppriseAccount | None = None
    slack: SlackAccount | None = None


@dataclass(frozen=True)
class Kind:
    """One row of the registry."""

    name: str
    """As in config files, the API and the database: "sms"."""
    label: str
    """What one message is called: "text", as in "Text to Alice Archer delivered"."""
    example: str
    """An address, to be shown where one is typed."""
    address: Callable[[str], str]
    """An address as it is stored. Raises ValueError with the end of a sentence that begins with the address."""
    page: Callable[[PageFacts], str]
    bundle: Callable[[BundleFacts], str]
    notice: Callable[[str], str]
    code: Callable[[str], str]
    """The words that carry a verification code."""
    make: Callable[[Accounts], Notifier | None]
    """None without an account."""
    not_set_up: str
    """A sentence that says which settings it takes."""
    team_address: Callable[[str], str] | None = None
    """As `address`, for one of a team's own, where that may be more than a person's: a channel. None: the same."""
    shown: Callable[[str], str] = str
    """An address, or what was typed for one, as pages and answers show it: not the whole of one that is a secret."""
    rings: bool = False
    """A call: made after what is written, and never for what can wait."""
    first_ask: timedelta | None = None
    """How long after a message was sent its receipt is overdue, and the provider is asked; None: it can't tell."""
    is_returned: bool = False
    """What can't be delivered comes back later, to the message's `return_path`."""
    updates: bool = False
    """Its notifier is an UpdatingNotifier: messages follow their alert."""
