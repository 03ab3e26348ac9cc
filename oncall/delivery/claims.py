"""Claims: a due delivery is one process's for the length of a lease, with its words fixed and its account chosen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.auth.signing import Signer
from oncall.changes import before_alert, tell_before
from oncall.delivery import links
from oncall.delivery.answer_links import token_of
from oncall.delivery.bundles import Due, is_shadow
from oncall.delivery.carried import are_waiting, claim_carried, facts_of
from oncall.delivery.providers import Providers
from oncall.delivery.return_paths import return_path
from oncall.delivery.unsure import is_held
from oncall.delivery.words import bundle_words, canary_words, notice_words, page_words, verification_words
from oncall.escalation.reasons import NEW
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, Notice
from oncall.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process may send until the lease ends."""

    delivery_id: int
    kind: str
    address: str
    body: str
    attempt: int
    """Which attempt this is; a result is recorded only while it is still the newest."""
    alert_id: int | None
    """The alert that can be answered; None for a notice, a code, somebody who only follows along, a call to a team."""
    sent_before: datetime | None
    """When an earlier attempt began: it may have reached the provider although we never heard (a crash, a time-out)."""
    at: datetime
    """When it was claimed."""
    answer_url: str
    """Where the person can answer it without signing in; empty for what can't be answered, or by anybody in a team."""
    provider: str
    """The account that sends it, or is asked whether it has it already."""
    known_ids: frozenset[str]
    """Provider's ids of this person's other deliveries on this address: never mistake one of them for this one."""
    only_asks: bool = False
    """Its account is only asked whether it has it: it may still come there, or another one sends it otherwise."""
    seconds: float | None = None
    """How long the account may take to answer; None: as long as any may."""
    others: int = 0
    """How many more alerts it tells of than that one."""
    is_post: bool = False
    """For an address of a team's own."""
    fault: str = ""
    """A mistake of ours for which it has no words: it fails like any other delivery, and the next way is tried."""
    lease_ends: float = math.inf
    """Monotonic seconds. A process that stood still past it may no longer send: another does, or has."""
    due_at: datetime | None = None
    """When it was to go; None for an attempt that is not the first."""
    return_path: str = ""
    """Where it comes back to when it can't be delivered; empty for what does not, or where we take in no mail."""
    event_at: datetime | None = None
    """When the event came that it tells of, if it was to go at once."""


def claim_all(
    session: Session, settings: Settings, providers: Providers, due: Sequence[Due], now: datetime
) -> list[Claim]:
    if not due:
        return []
    claimer = _Claimer(session, settings, providers, now)
    claims = [claimer.claim(each) for each in due]
    session.flush()
    return [claim for claim in claims if claim is not None]


class _Claimer:
    """Takes due deliveries for this process, each with its words, its account and its lease."""

    def __init__(self, session: Session, settings: Settings, providers: Providers, now: datetime) -> None:
        self._session, self._settings, self._providers, self._now = session, settings, providers, now
        self._signer = Signer.of(session, settings)

    def claim(self, due: Due) -> Claim | None:
        """None for one that has nothing to say any more, which is cancelled."""
        delivery = due[0]
        body, fault = self._body(due)
        if not body and not fault:
            delivery.state, delivery.finished_at = DeliveryState.CANCELLED, self._now
            self._session.add(delivery)
            return None
        assert delivery.id is not None
        sent_before, due_at = delivery.unsure_since, None if delivery.attempts else delivery.due_at
        only_asks = self._only_asks(delivery)
        self._take(delivery, body)
        can_answer = delivery.alert_id is not None and not is_shadow(due) and not _is_deaf(delivery)
        is_for_one = can_answer and delivery.user_id is not None
        return Claim(
            delivery_id=delivery.id,
            kind=delivery.kind,
            address=delivery.address,
            body=body,
            attempt=delivery.attempts,
            alert_id=delivery.alert_id if can_answer else None,
            sent_before=sent_before,
            at=self._now,
            answer_url=links.answer_page(self._settings, token_of(self._signer, delivery)) if is_for_one else "",
            return_path=return_path(self._settings, self._signer, delivery),
            provider=delivery.provider,
            known_ids=_known_ids(self._session, delivery) if sent_before else frozenset(),
            only_asks=only_asks,
            seconds=self._providers.patience(delivery.kind, delivery.provider, self._now),
            others=delivery.carries,
            is_post=delivery.user_id is None,
            fault=fault,
            due_at=due_at,
            event_at=_event_at(due) if due_at == delivery.created_at else None,
        )

    def _body(self, due: Due) -> tuple[str, str]:
        """What it says, fixed the first time; or the fault of ours for which it can't be said."""
        delivery = due[0]
        if _is_over(self._session, due):
            return "", ""
        try:
            return delivery.body or _words(self._session, self._settings, due, self._now), ""
        except SQLAlchemyError:
            raise
        except Exception as error:
            log.exception("delivery.without_words", delivery=delivery.id)
            return "", f"a fault in this service ({type(error).__name__})"

    def _only_asks(self, delivery: Delivery) -> bool:
        """Chooses the account. One that may have it already is only asked when another would send it now, and as long
        as it may still carry out what we asked for."""
        account = delivery.only_by or self._providers.choose(delivery.kind, self._now)
        is_elsewhere = delivery.unsure_since is not None and delivery.provider != account
        if is_elsewhere or is_held(delivery.unsure_until, self._now):
            return True
        self._providers.begin(delivery.kind, account, self._now)
        delivery.provider, delivery.unsure_until = account, None
        return False

    def _take(self, delivery: Delivery, body: str) -> None:
        delivery.body = body
        delivery.unsure_since = delivery.unsure_since or self._now
        delivery.state = DeliveryState.SENDING
        delivery.attempts += 1
        delivery.first_attempt_at = delivery.first_attempt_at or self._now
        delivery.due_at = self._now + timedelta(seconds=self._settings.send_lease)
        self._session.add(delivery)
        if delivery.carries:
            claim_carried(self._session, delivery, self._now)


def _event_at(due: Due) -> datetime | None:
    """When the alert was triggered, for whoever is paged because it was."""
    _, alert, _, page = due
    return alert.triggered_at if alert is not None and page is not None and page.reason == NEW else None


def _is_over(session: Session, due: Due) -> bool:
    """Whether nobody waits for it: they were relieved, or somebody has answered all that it tells of."""
    delivery, alert, _, page = due
    if alert is None:
        return False
    is_relieved = page is not None and page.relieved_at is not None
    is_wanted = not is_relieved and (not delivery.carries or alert.status is AlertStatus.TRIGGERED)
    return not is_wanted and not (delivery.carries and are_waiting(session, delivery))


def _known_ids(session: Session, delivery: Delivery) -> frozenset[str]:
    ids = session.exec(
        select(Delivery.provider_id)
        .where(
            Delivery.address == delivery.address,
            Delivery.id != delivery.id,
            col(Delivery.provider_id).is_not(None),
        )
        .order_by(col(Delivery.id).desc())
        .limit(200)
    )
    return frozenset(provider_id for provider_id in ids if provider_id)


def _is_deaf(delivery: Delivery) -> bool:
    """A key that is pressed tells nothing of whose finger it was; a button in Slack does."""
    return delivery.user_id is None and KINDS[delivery.kind].rings


def _words(session: Session, settings: Settings, due: Due, now: datetime) -> str:
    delivery, alert, service, _ = due
    to = {"is_shadow": is_shadow(due), "is_post": delivery.user_id is None}
    if delivery.carries:
        told = facts_of(session, delivery)
        return bundle_words(settings, delivery.kind, told, now, **to)
    if alert is not None and service is not None:
        changes = before_alert(session, alert, service, timedelta(seconds=settings.change_seconds))
        tell_before(session, alert, changes, now)
        return page_words(settings, delivery.kind, alert, service, changes, **to)
    if delivery.notice_id is not None:
        return notice_words(delivery.kind, session.get_one(Notice, delivery.notice_id), now)
    if delivery.canary_id is not None:
        return canary_words(delivery.kind, delivery.only_by or "", delivery.id or 0)
    method = session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id else None
    return verification_words(method) if method is not None and method.code else ""
