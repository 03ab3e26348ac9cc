"""The queue: which deliveries are due and this process's turn, soonest first."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select, update

from oncall.delivery.bundles import Due, gather
from oncall.delivery.claims import Claim, claim_all
from oncall.delivery.providers import Providers
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Page, Service
from oncall.models.delivery import LIVE
from oncall.settings import Settings

MOST_ROUNDS = 100
"""How often the queue is looked at in one pass: in each, at least one address is done with."""


ClaimDue = Callable[[Session, Settings, Providers, datetime, int, Collection[str]], list[Claim]]
"""Take up to so many due deliveries, soonest first, skipping those that another process is taking; kinds that are left
to other processes are not touched.
"""


def claim_pages(
    session: Session, settings: Settings, providers: Providers, now: datetime, limit: int, left: Collection[str]
) -> list[Claim]:
    """Pages and codes. Where some are held back or go together there is room for those behind them in the queue."""
    which = _ours(left) & col(Delivery.notice_id).is_(None)
    claims: list[Claim] = []
    longest = timedelta(seconds=settings.hold_seconds)
    for _ in range(MOST_ROUNDS):
        room = limit - len(claims)
        due = _due(session, which, now, room) if room else []
        leads, elsewhere = gather(session, due, now, longest, is_all=len(due) < room)
        claims += claim_all(session, settings, providers, leads, now)
        if len(due) < room or not room:
            break
        if elsewhere:
            method_id = col(Delivery.contact_method_id)
            which = which & (method_id.is_(None) | method_id.not_in(elsewhere))
    return claims


def claim_notices(
    session: Session, settings: Settings, providers: Providers, now: datetime, limit: int, left: Collection[str]
) -> list[Claim]:
    due = _due(session, _ours(left) & col(Delivery.notice_id).is_not(None), now, limit)
    return claim_all(session, settings, providers, due, now)


def _ours(left: Collection[str]) -> ColumnElement[bool]:
    return col(Delivery.kind).not_in(left) if left else true()


def _due(session: Session, which: ColumnElement[bool], now: datetime, limit: int) -> list[Due]:
    return list(
        session.exec(
            select(Delivery, Alert, Service, Page)
            .select_from(Delivery)
            .join(Alert, col(Alert.id) == col(Delivery.alert_id), isouter=True)
            .join(Service, col(Service.id) == col(Alert.service_id), isouter=True)
            .join(Page, col(Page.id) == col(Delivery.page_id), isouter=True)
            .where(LIVE, which, col(Delivery.due_at) <= now)
            .order_by(col(Delivery.due_at))
            .limit(limit)
            .with_for_update(of=Delivery, skip_locked=True, key_share=True)
        )
    )


def shorten_leases(session: Session, settings: Settings, now: datetime) -> None:
    """Of a process that has died and is the only one there was: what it asked a provider has been answered by then."""
    until = now + timedelta(seconds=settings.longest_request)
    held = (col(Delivery.state) == DeliveryState.SENDING, col(Delivery.due_at) > until)
    session.exec(update(Delivery).where(*held).values(due_at=until))
