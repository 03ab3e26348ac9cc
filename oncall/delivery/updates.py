"""Messages that follow their alert: what was sent is changed in place when somebody acknowledges, resolves, escalates.

Due work like any other: what changes an alert outdates its messages in the same transaction, an engine claims them with
a lease and tells the provider outside any. A message that is still being sent is outdated too, and changed once sent.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from notifiers.base import Message, SendFailure, Standing
from notifiers.registry import UPDATING
from oncall.db.database import notify_engines
from oncall.delivery.carried import counts_told_of
from oncall.delivery.retry import next_attempt
from oncall.delivery.shares import Shares
from oncall.escalation.acknowledgements import count_said
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Page, User
from oncall.rota.when import moment
from oncall.settings import Settings

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = 12
"""Attempts, over about a quarter of an hour; then the message stays as it was, and the alert's page tells the truth."""
LEFT = [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED]


@dataclass(frozen=True, slots=True)
class Update:
    """A message that this process may change until `until`."""

    delivery_id: int
    kind: str
    message: Message
    provider_id: str
    standing: Standing
    attempt: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Updated:
    """What the provider said to an update; None: it is done."""

    update: Update
    answer: SendFailure | None = None


def outdate(session: Session, alert_ids: Sequence[int | None], now: datetime) -> None:
    """These alerts have changed: their messages must show it."""
    outdated = session.execute(
        sa.update(Delivery)
        .where(_tells_of(alert_ids), col(Delivery.kind).in_(UPDATING), col(Delivery.state).in_(LEFT))
        .values(update_due_at=now, update_attempts=0)
        .execution_options(synchronize_session=False)  # else it asks which rows they were, and waits for the answer
    )
    if outdated.rowcount:  # type: ignore[attr-defined]
        notify_engines(session)


def _tells_of(alert_ids: Sequence[int | None]) -> sa.ColumnElement[bool]:
    """Messages of these alerts alone, and those that tell of them among others."""
    about = col(Delivery.alert_id).in_(alert_ids)
    leads = select(Delivery.carried_by).where(about, col(Delivery.carried_by).is_not(None))
    return (about & col(Delivery.carried_by).is_(None)) | col(Delivery.id).in_(leads)


def claim_updates(
    session: Session, settings: Settings, kinds: Collection[str], now: datetime, limit: int, shares: Shares
) -> list[Update]:
    """Take up to `limit` outdated messages of these kinds, soonest first, as many as have room, skipping those that
    another process takes.
    """
    kinds = [kind for kind in kinds if shares.have_room(kind)]
    if not kinds or not limit:
        return []
    rows = session.exec(
        select(Delivery, Alert, Page)
        .select_from(Delivery)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .join(Page, col(Page.id) == col(Delivery.page_id), isouter=True)
        .where(
            col(Delivery.update_due_at) <= now, col(Delivery.provider_id).is_not(None), col(Delivery.kind).in_(kinds)
        )
        .order_by(col(Delivery.update_due_at))
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    until = now + timedelta(seconds=settings.send_lease)
    fitting = shares.fit(rows, lambda row: row[0].kind)
    updates = [_claim(session, delivery, alert, page, until, now) for delivery, alert, page in fitting]
    for update in updates:
        shares.take(update.kind)
    return updates


def _claim(
    session: Session, delivery: Delivery, alert: Alert, page: Page | None, until: datetime, now: datetime
) -> Update:
    assert delivery.id is not None
    delivery.update_due_at = until
    delivery.update_attempts += 1
    session.add(delivery)
    message = Message(
        reference=str(delivery.id),
        to=delivery.address,
        body=delivery.body,
        at=now,
        alert=None if page is not None and page.is_shadow else alert.id,
        others=delivery.carries,
        is_post=delivery.user_id is None,
    )
    standing = _standing_told_of(session, delivery, alert, now)
    return Update(
        delivery.id, delivery.kind, message, delivery.provider_id or "", standing, delivery.update_attempts, until
    )


def answered_meanwhile(session: Session, delivery: Delivery, now: datetime) -> str:
    """Who has, or resolved, all that its message tells of; "" while somebody is waited for."""
    alert = session.get(Alert, delivery.alert_id) if delivery.alert_id is not None else None
    standing = _standing_told_of(session, delivery, alert, now) if alert is not None else None
    return standing.sentence if standing is not None and standing.status != "triggered" else ""


def _standing_told_of(session: Session, delivery: Delivery, alert: Alert, now: datetime) -> Standing:
    if delivery.carries:
        return _standing_of_all(session, delivery, now)
    return _standing_of(session, alert, delivery, now)


def _standing_of_all(session: Session, delivery: Delivery, now: datetime) -> Standing:
    """Of all that its message tells of."""
    counts = counts_told_of(session, delivery)
    count, waiting, over = counts.total(), counts[AlertStatus.TRIGGERED], counts[AlertStatus.RESOLVED]
    if waiting:
        return Standing("triggered", f"Nobody has {waiting} of {count}: paging goes on", now)
    if over == count:
        return Standing("resolved", f"All {count} are resolved", now)
    return Standing("acknowledged", f"Somebody has all that is open: {count - over} of {count}", now)


def _standing_of(session: Session, alert: Alert, delivery: Delivery, now: datetime) -> Standing:
    if alert.status is AlertStatus.RESOLVED:
        return Standing("resolved", f"Resolved by {_who(session, alert.resolved_by_id)}", alert.resolved_at or now)
    if alert.status is AlertStatus.TRIGGERED:
        so_far = count_said(session, alert) if alert.acknowledgements_needed > 1 else "Nobody has it"
        return Standing("triggered", f"{so_far}: paging goes on", now)
    who, since = _who(session, alert.acknowledged_by_id), alert.acknowledged_at or now
    if alert.snoozed_until is not None:
        until = moment(alert.snoozed_until, _zone(session, delivery), now)
        return Standing("acknowledged", f"Snoozed by {who} until {until}", since)
    return Standing("acknowledged", f"Acknowledged by {who}", since)


def _zone(session: Session, delivery: Delivery) -> ZoneInfo:
    """The reader's; what a team reads together is told in UTC."""
    reader = session.get(User, delivery.user_id) if delivery.user_id is not None else None
    return ZoneInfo(reader.timezone if reader else "UTC")


def _who(session: Session, user_id: int | None) -> str:
    return session.get_one(User, user_id).name if user_id is not None else "monitoring"


def record_updates(session: Session, done: Sequence[Updated], now: datetime) -> None:
    """What our requests came to. Where the alert has changed since the claim, it is due again already.

    Two updates of one message may cross on their way: when the older comes to its end last, it is shown once more.
    """
    for each in done:
        again = None if each.answer is None else _again(each.update, each.answer, now)
        if not _set_due(session, each.update, col(Delivery.update_due_at) == each.update.until, again):
            _set_due(session, each.update, col(Delivery.update_due_at).is_(None), now)


def _set_due(session: Session, update: Update, where: sa.ColumnElement[bool], at: datetime | None) -> bool:
    changed = session.execute(
        sa.update(Delivery).where(col(Delivery.id) == update.delivery_id, where).values(update_due_at=at)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _again(update: Update, failure: SendFailure, now: datetime) -> datetime | None:
    """When to try again; None: it is given up."""
    if failure.permanent or update.attempt >= GIVE_UP_AFTER:
        log.warning("delivery.not_updated", delivery=update.delivery_id, reason=failure.reason)
        return None
    at = next_attempt(update.attempt, now, now, timedelta(days=1)) or now
    return max(at, now + timedelta(seconds=failure.retry_after))
