"""Pages in, deliveries out: what is planned for a person, called back, or moved to the next contact method."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.delivery.rules import Planned, is_usable, plan
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, NotificationRule, Page, Urgency


class Reach:
    """How people can be reached, loaded once for many pages of one pass."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loaded: set[int] = set()
        self._methods: dict[int, list[ContactMethod]] = defaultdict(list)
        self._rules: dict[int, list[NotificationRule]] = defaultdict(list)

    def load(self, user_ids: Iterable[int]) -> None:
        wanted = set(user_ids) - self._loaded
        if not wanted:
            return
        self._loaded |= wanted
        methods = select(ContactMethod).where(col(ContactMethod.user_id).in_(wanted)).order_by(col(ContactMethod.id))
        for method in self._session.exec(methods):
            self._methods[method.user_id].append(method)
        for rule in self._session.exec(select(NotificationRule).where(col(NotificationRule.user_id).in_(wanted))):
            self._rules[rule.user_id].append(rule)

    def can_be_reached(self, user_id: int) -> bool:
        return any(is_usable(method) for method in self._methods[user_id])

    def plan(self, user_id: int, urgency: Urgency, now: datetime) -> list[Planned]:
        return plan(self._methods[user_id], self._rules[user_id], urgency, now)


def send_pages(session: Session, pages: Sequence[tuple[Page, Urgency]], reach: Reach) -> None:
    """Store pages, and all their deliveries with their due times."""
    session.add_all([page for page, _ in pages])
    session.flush()  # gives the pages their ids
    session.add_all(
        new_delivery(page, planned.method, page.created_at, planned.due_at)
        for page, urgency in pages
        for planned in reach.plan(page.user_id, urgency, page.created_at)
    )
    session.flush()


def new_delivery(page: Page, method: ContactMethod, now: datetime, due_at: datetime) -> Delivery:
    return Delivery(
        page_id=page.id,
        alert_id=page.alert_id,
        user_id=page.user_id,
        contact_method_id=method.id,
        kind=method.kind,
        address=method.address,
        created_at=now,
        due_at=due_at,
    )


def cancel_pending(session: Session, alert_ids: Sequence[int | None], now: datetime) -> int:
    """Call back every delivery of these alerts that has not left yet. Gives how many."""
    result = session.execute(
        sa.update(Delivery)
        .where(col(Delivery.alert_id).in_(alert_ids), col(Delivery.state) == DeliveryState.PENDING)
        .values(state=DeliveryState.CANCELLED, finished_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def try_next_method(session: Session, failed: Delivery, now: datetime) -> Delivery | None:
    """After a failure, reach the same person another way at once.

    The page's next planned delivery on another contact method is brought forward; if nothing is planned, a usable
    method that this page has not tried is used. None: there is no other way.
    """
    if failed.page_id is None:
        return None
    tried = list(
        session.exec(select(Delivery).where(Delivery.page_id == failed.page_id).order_by(col(Delivery.due_at)))
    )
    for delivery in tried:
        if delivery.state is DeliveryState.PENDING and delivery.contact_method_id != failed.contact_method_id:
            delivery.due_at = min(delivery.due_at, now)
            session.add(delivery)
            return delivery
    used = {delivery.contact_method_id for delivery in tried}
    methods = session.exec(select(ContactMethod).where(ContactMethod.user_id == failed.user_id))
    method = next((method for method in methods if is_usable(method) and method.id not in used), None)
    if method is None:
        return None
    delivery = new_delivery(session.get_one(Page, failed.page_id), method, now, now)
    session.add(delivery)
    return delivery
