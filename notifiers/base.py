"""What every way of reaching a person has in common: a message goes out, a receipt or a failure comes back."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

TOLD = "told-"


@dataclass(frozen=True)
class Message:
    """One message to one address, ready to go: nothing in it is looked up or rewritten on the way."""

    reference: str
    """Our delivery's id; for people who trace a message, no provider keeps it."""
    to: str
    """The address; for SMS and voice a number in E.164 (+12025550101)."""
    body: str
    """The final text; for voice the sentences to say."""
    at: datetime
    """When this attempt began (aware); providers are told no other time."""
    voice_url: str = ""
    """Voice: where the provider fetches what to say (TwiML). Empty: the body is said, and no key can answer it."""
    status_url: str = ""
    """Where the provider posts what became of the message. Empty: ask with `Notifier.status`."""
    alert: int | None = None
    """The number of the alert that can be answered; None says the body and asks for nothing (a code, a notice)."""
    others: int = 0
    """How many more alerts it is about than that one."""
    is_post: bool = False
    """For an address of a team's own, where anybody may read it."""
    answer_url: str = ""
    """A page of ours where it can be answered without signing in: a secret. Empty where nothing can be, or nobody could
    open it."""

    return_path: str = ""
    """Email: where mail servers return it to, an address of ours. Empty: to the sender's, where nobody reads it."""

    seconds: float | None = None
    """How long the provider may take to answer, where that is less than it usually may."""

    @property
    def answers(self) -> str:
        """What an answer to it is about: "12", or "all" of several; empty where nothing can be answered.

        "told-34", the alerts of this message 34, where many read it: "all" would be something else for each of them.
        """
        if self.alert is None:
            return ""
        if self.others:
            return f"{TOLD}{self.reference}" if self.is_post else "all"
        return str(self.alert)

    @property
    def fingerprint(self) -> str:
        """32 characters, the same at every attempt to send this message, and of no other one."""
        return hashlib.sha256("\n".join((self.reference, self.to, self.body)).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Receipt:
    """The provider has the message. Accepted is not delivered, unless `delivered` says so."""

    provider_id: str
    delivered: bool = False


@dataclass(frozen=True)
class Standing:
    """How an alert stands, for a message that shows it."""

    status: Literal["triggered", "acknowledged", "resolved"]
    sentence: str
    """Such as "Acknowledged by Alice Archer"."""
    at: datetime
    """Since when; aware."""


State = Literal["sent", "delivered", "failed"]


@dataclass(frozen=True)
class StatusReport:
    """What the provider says became of a message. `error` is a short phrase, empty unless the state is "failed".

    Reports come out of order and twice; a final state (delivered, failed) is not undone by a later "sent".
    """

    provider_id: str
    """Empty of a report that names our delivery itself."""
    state: State
    error: str = ""
    permanent: bool = False
    """With "failed": the same message to the same address will fail again."""
    bad_address: bool = False
    """With "failed": nothing at all reaches this address any more."""
    late: str = ""
    """With "sent": why it has not arrived yet, a sentence."""

    @property
    def failure(self) -> "SendFailure | None":
        """The same as a failure; None unless the state is "failed"."""
        if self.state != "failed":
            return None
        if self.permanent:
            return PermanentFailure(self.error, bad_address=self.bad_address)
        return TemporaryFailure(self.error)


class SendFailure(Exception):
    """A message was not accepted. `reason` is a sentence for people, without secrets and phone numbers."""

    permanent: bool
    bad_address = False
    is_absence = False
    maybe_accepted = False
    may_come_late = False
    retry_after = 0.0
    """Seconds that the provider wants us to wait."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporaryFailure(SendFailure):
    """Something that passes or can be mended stood in the way; the same message may be sent again.

    `maybe_accepted` says that the provider may have the message after all (the answer was lost, or late):
    ask `Notifier.find` before sending it again. `may_come_late`: what is not found yet may still be carried out, for a
    minute or so, since the provider holds our request; only of providers that can be asked. `retry_after` is how many
    seconds the provider wants to be left alone.
    """

    permanent = False

    def __init__(
        self, reason: str, *, maybe_accepted: bool = False, may_come_late: bool = False, retry_after: float = 0.0
    ) -> None:
        super().__init__(reason)
        self.maybe_accepted, self.may_come_late = maybe_accepted or may_come_late, may_come_late
        self.retry_after = retry_after


class PermanentFailure(SendFailure):
    """This message can't reach this address however often it is sent: use another contact method.

    `bad_address` says that no other message can either (no such number, STOP): the address is the person's to mend.
    `is_absence`: they are just not there, as every night: no reason to call at once whom another way has told.
    """

    permanent = True

    def __init__(self, reason: str, *, bad_address: bool = False, is_absence: bool = False) -> None:
        super().__init__(reason)
        self.bad_address, self.is_absence = bad_address, is_absence


class Notifier(Protocol):
    """One way of reaching a person. Safe to use from many threads; blocks no longer than its own time-out."""

    @property
    def name(self) -> str:
        """The contact method's kind ("sms", "voice"), as in the registry."""

    def send(self, message: Message) -> Receipt:
        """Hand the message to the provider. Raises TemporaryFailure or PermanentFailure, and nothing else."""

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """The receipt of this very message, if the provider accepted it at `since` (aware) or later.

        For a message whose sender died or whose answer was lost. `known` are provider ids that belong to other
        deliveries. None: not there, or it failed; send it. Raises TemporaryFailure when the provider can't be asked.
        """

    def status(self, provider_id: str) -> StatusReport:
        """What became of an accepted message, where no callback can reach us. Raises TemporaryFailure."""


@runtime_checkable
class OverOneConnection(Protocol):
    """A notifier that sends over a connection of which an installation has one, whatever its number of processes."""

    @property
    def takes_now(self) -> bool:
        """Whether this process may claim what is due: it holds the connection, or nobody has for long."""


@runtime_checkable
class UpdatingNotifier(Notifier, Protocol):
    """One whose messages can be changed after they were sent, so that they show how the alert stands."""

    def update(self, message: Message, provider_id: str, standing: Standing) -> None:
        """Show it in place of what the message showed. Raises TemporaryFailure or PermanentFailure. Safe to repeat."""
