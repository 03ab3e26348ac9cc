"""The queue: which deliveries are due and this process's turn, soonest first."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from oncall.delivery.bundles import Due, gather
from oncall.delivery.claims import Claim, claim_all
from oncall.delivery.places import not_at
from oncall.delivery.providers import Providers
from oncall.delivery.shares import Shares
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Page, Service
from oncall.models.alert import WITHOUT_DETAILS
from oncall.models.delivery import LIVE
from oncall.settings import Settings

MOST_ROUNDS = 100
"""How often the queue is looked at in one pass: in each, at least one address is done with."""


ClaimDue = Callable[[Session, Settings, Providers, datetime, Shares, Collection[str]], list[Claim]]
"""Take due deliveries, soonest first, as many as have room, skipping those that another process is taking; kinds that
are left to other processes are not touched.
"""


def claim_pages(
    session: Session, settings: Settings, providers: Providers, now: datetime, shares: Shares, left: Collection[str]
) -> list[Claim]:
    """Pages and codes. Where some are held back, go together or have no room there is room for those behind them."""
    statement = _PAGES
    claims: list[Claim] = []
    longest = timedelta(seconds=settings.hold_seconds)
    for _ in range(MOST_ROUNDS):
        room = shares.free
        if not room:
            break
        due = _due(session, statement, now, room, shares, left)
        fitting = shares.fit(due, _kind)
        is_all = len(due) < room and len(fitting) == len(due)
        leads, elsewhere = gather(session, fitting, now, longest, is_all=is_all)
        claims += _taken(shares, claim_all(session, settings, providers, leads, now))
        if is_all:
            break
        if elsewhere:
            statement = statement.where(not_at(elsewhere))
    return claims


def claim_notices(
    session: Session, settings: Settings, providers: Providers, now: datetime, shares: Shares, left: Collection[str]
) -> list[Claim]:
    """No more than half of what is free: the next page waits for none."""
    if not shares.free:
        return []
    due = shares.fit(_due(session, _NOTICES, now, (shares.free + 1) // 2, shares, left), _kind)
    return _taken(shares, claim_all(session, settings, providers, due, now))


def _kind(due: Due) -> str:
    return due[0].kind


def _taken(shares: Shares, claims: list[Claim]) -> list[Claim]:
    for claim in claims:
        shares.take(claim.kind)
    return claims


_DUE = (
    select(Delivery, Alert, Service, Page)
    .select_from(Delivery)
    .join(Alert, col(Alert.id) == col(Delivery.alert_id), isouter=True)
    .join(Service, col(Service.id) == col(Alert.service_id), isouter=True)
    .join(Page, col(Page.id) == col(Delivery.page_id), isouter=True)
    .where(
        LIVE,
        col(Delivery.kind).not_in(bindparam("not_now", expanding=True)),
        col(Delivery.due_at) <= bindparam("now"),
    )
    .order_by(col(Delivery.due_at))
    .limit(bindparam("limit"))
    .with_for_update(of=Delivery, skip_locked=True, key_share=True)
    .options(*WITHOUT_DETAILS)
)
"""Made once: making it takes as long as asking it."""
_PAGES = _DUE.where(col(Delivery.notice_id).is_(None))
_NOTICES = _DUE.where(col(Delivery.notice_id).is_not(None))


def _due(
    session: Session, statement: Any, now: datetime, limit: int, shares: Shares, left: Collection[str]
) -> list[Due]:
    params = {"now": now, "limit": limit, "not_now": [*left, *shares.full]}
    return list(session.exec(statement, params=params))


def shorten_leases(session: Session, settings: Settings, now: datetime) -> None:
    """Of a process that has died and is the only one there was: what it asked a provider has been answered by then."""
    until = now + timedelta(seconds=settings.longest_request)
    held = (col(Delivery.state) == DeliveryState.SENDING, col(Delivery.due_at) > until)
    session.exec(update(Delivery).where(*held).values(due_at=until))
