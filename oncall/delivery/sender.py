"""Sending: the provider is asked outside any transaction; what came of it is handed back to be recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from notifiers.base import (
    Message,
    Notifier,
    OverOneConnection,
    PermanentFailure,
    Receipt,
    SendFailure,
    TemporaryFailure,
    UpdatingNotifier,
)
from notifiers.over_accounts import OverAccounts
from oncall.clock import monotonic
from oncall.delivery import links
from oncall.delivery.asking import Ask, Asked
from oncall.delivery.claims import Claim
from oncall.delivery.updates import Update, Updated
from oncall.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What the provider said to a claimed delivery."""

    claim: Claim
    answer: Receipt | SendFailure


class LeaseLost(TemporaryFailure):
    """Not sent, and nothing is recorded: another process takes it up, or this one when the lease has ended."""


class Sender:
    """Sends one claim at a time; safe to call from many threads."""

    def __init__(self, settings: Settings, notifiers: Mapping[str, Notifier]) -> None:
        self._settings, self._notifiers = settings, notifiers
        # told apart once: every pass of the engine asks
        self._over_one = {name: each for name, each in notifiers.items() if isinstance(each, OverOneConnection)}
        self._updating = {name: each for name, each in notifiers.items() if isinstance(each, UpdatingNotifier)}
        self.updates = frozenset(self._updating)
        """The kinds whose messages can be changed."""

        self.accounts = {name: each.accounts for name, each in notifiers.items() if isinstance(each, OverAccounts)}
        """The accounts of each kind that has any, in order."""

    def update(self, update: Update) -> Updated:
        try:
            self._updating[update.kind].update(update.message, update.provider_id, update.standing)
        except SendFailure as failure:
            return Updated(update, failure)
        return Updated(update)

    def left_to_others(self) -> list[str]:
        """The kinds that only another process can send now."""
        return [kind for kind, notifier in self._over_one.items() if not notifier.takes_now]

    def send(self, claim: Claim) -> Result:
        if claim.fault:
            return Result(claim, PermanentFailure(claim.fault))
        try:
            return Result(claim, self._found_or_sent(self.notifier(claim.kind, claim.provider), claim))
        except SendFailure as failure:
            return Result(claim, failure)

    def ask(self, ask: Ask) -> Asked:
        try:
            return Asked(ask, self.notifier(ask.kind, ask.provider).status(ask.provider_id))
        except SendFailure as failure:
            return Asked(ask, failure)

    def notifier(self, kind: str, account: str) -> Notifier:
        """Raises TemporaryFailure for an account that is not set up any more."""
        notifier = self._notifiers[kind]
        found = notifier.at(account) if isinstance(notifier, OverAccounts) else notifier
        if found is None:
            raise TemporaryFailure(f"The account “{account}” is not set up any more")
        return found

    def _found_or_sent(self, notifier: Notifier, claim: Claim) -> Receipt:
        message = self._message(claim)
        if claim.sent_before is not None:
            found = self._find(notifier, message, claim, claim.sent_before)
            if found is not None:
                log.info("delivery.found_at_provider", delivery=claim.delivery_id)
                return found
        if claim.only_asks:
            raise TemporaryFailure(f"The account “{claim.provider}” has not got it")
        if monotonic() + self._settings.longest_request > claim.lease_ends:
            raise LeaseLost("This process stood still for longer than its lease")
        return notifier.send(message)

    def _find(self, notifier: Notifier, message: Message, claim: Claim, since: datetime) -> Receipt | None:
        try:
            return notifier.find(message, since, claim.known_ids)
        except TemporaryFailure as failure:
            raise TemporaryFailure(failure.reason, maybe_accepted=True) from failure  # as unsure as before

    def _message(self, claim: Claim) -> Message:
        return Message(
            reference=str(claim.delivery_id),
            to=claim.address,
            body=claim.body,
            at=claim.at,
            voice_url=links.voice_callback(self._settings, claim.delivery_id),
            status_url=links.status_callback(self._settings, claim.delivery_id),
            alert=claim.alert_id,
            others=claim.others,
            is_post=claim.is_post,
            answer_url=claim.answer_url,
            return_path=claim.return_path,
            seconds=claim.seconds,
        )
