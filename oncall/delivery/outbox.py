"""Pages in, deliveries out: what is planned for a person, called back, or moved to the next contact method."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.db.bulk import insert_many
from oncall.db.database import once_committed
from oncall.delivery.addressee import goes_to, method_of
from oncall.delivery.holding import held_back, tell_if_held
from oncall.delivery.quiet import held, quiet_of
from oncall.delivery.rules import Planned, can_carry_notices, for_notices, is_usable, plan, quietly
from oncall.lifecycle.delivery import DeliveryState
from oncall.metrics import PAGES
from oncall.models import (
    Alert,
    ContactMethod,
    Delivery,
    Notice,
    NoticeKind,
    NotificationRule,
    Page,
    TeamContactMethod,
    Urgency,
    User,
)

_pages: sa.Table = Page.__table__  # type: ignore[attr-defined]
DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]
_INSERT_PAGES = sa.insert(_pages).returning(_pages.c.id, sort_by_parameter_order=True)
MOST_ASKED = 500
"""Deliveries asked about in one statement: databases limit its parameters."""
NOTHING_YET = {
    "state": DeliveryState.PENDING,
    "body": "",
    "attempts": 0,
    "provider": "",
    "error": "",
    "status_asks": 0,
    "update_attempts": 0,
    "waits_from": None,
}


_WAYS = (
    select(User, ContactMethod, NotificationRule)
    .select_from(User)
    .join(ContactMethod, col(ContactMethod.user_id) == col(User.id), isouter=True)
    .join(NotificationRule, col(NotificationRule.contact_method_id) == col(ContactMethod.id), isouter=True)
    .where(col(User.id).in_(sa.bindparam("user_ids", expanding=True)))
    .order_by(col(ContactMethod.id), col(NotificationRule.id))
)


class Reach:
    """People, and how they can be reached: loaded once for many pages of one pass, in one question each time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.users: dict[int, User] = {}
        self._methods: dict[int, list[ContactMethod]] = defaultdict(list)
        self._rules: dict[int, list[NotificationRule]] = defaultdict(list)

    def load(self, user_ids: Iterable[int]) -> None:
        wanted = set(user_ids) - self.users.keys()
        if not wanted:
            return
        for user, method, rule in self._session.exec(_WAYS, params={"user_ids": wanted}):
            assert user.id is not None
            self.users[user.id] = user
            if method is not None and method not in self._methods[user.id]:
                self._methods[user.id].append(method)
            if rule is not None:
                self._rules[user.id].append(rule)

    def can_be_reached(self, user_id: int) -> bool:
        return any(is_usable(method) for method in self._methods[user_id])

    def plan(self, user_id: int, urgency: Urgency, now: datetime) -> list[Planned]:
        return plan(self._methods[user_id], self._rules[user_id], urgency, now)

    def quietly(self, user_id: int, now: datetime) -> list[Planned]:
        """One message, and no call."""
        return quietly(self._methods[user_id], now)

    def ways_of(self, user_id: int, urgency: Urgency, due_at: datetime, *, is_shadow: bool) -> list[Planned]:
        """Of one page: every delivery that it will have, quiet hours taken into account."""
        planned = self.quietly(user_id, due_at) if is_shadow else self.plan(user_id, urgency, due_at)
        return planned if urgency is Urgency.HIGH else held(quiet_of(self.users[user_id]), planned)

    def for_notices(self, user_id: int, now: datetime) -> ContactMethod | None:
        return for_notices(self._methods[user_id], self._rules[user_id], now)


@dataclass(frozen=True, slots=True)
class NewPage:
    """One person, one alert. The fields are columns of `pages`, but for the urgency that chooses the rules."""

    alert_id: int
    user_id: int
    step: int
    round: int
    reason: str
    urgency: Urgency
    due_at: datetime
    is_shadow: bool = False


def send_pages(session: Session, pages: Sequence[NewPage], reach: Reach, now: datetime) -> dict[int, timedelta]:
    """Store pages, and all their deliveries with their due times. Written in bulk: a storm has thousands.

    Gives how long quiet hours hold back the alerts of which nobody is told before they are over.
    """
    if not pages:
        return {}
    rows = [
        {
            "alert_id": p.alert_id,
            "user_id": p.user_id,
            "step": p.step,
            "round": p.round,
            "reason": p.reason,
            "is_shadow": p.is_shadow,
            "created_at": now,
        }
        for p in pages
    ]
    ids = session.connection().execute(_INSERT_PAGES, rows).scalars()
    plans = [reach.ways_of(p.user_id, p.urgency, p.due_at, is_shadow=p.is_shadow) for p in pages]
    deliveries = [
        delivery_row({"page_id": page_id, "alert_id": page.alert_id}, planned.method, now, planned.due_at)
        | {"waits_from": planned.waits_from}
        for page_id, page, ways in zip(ids, pages, plans, strict=True)
        for planned in ways
    ]
    insert_many(session, DELIVERIES, deliveries)
    for page in pages:
        once_committed(session, PAGES.labels(page.urgency).inc)
    for page, planned in zip(pages, plans, strict=True):
        tell_if_held(session, page.alert_id, reach.users[page.user_id], planned, now)
    return held_back((page.alert_id, planned) for page, planned in zip(pages, plans, strict=True) if not page.is_shadow)


@dataclass(frozen=True, slots=True)
class NewPost:
    """One alert, for an address of a team's own."""

    alert_id: int
    method_id: int


def send_posts(session: Session, posts: Sequence[NewPost], now: datetime) -> None:
    """Store the deliveries that tell teams at their own addresses."""
    if not posts:
        return
    wanted = {post.method_id for post in posts}
    rows = session.exec(select(TeamContactMethod).where(col(TeamContactMethod.id).in_(wanted)))
    methods = {row.id: row for row in rows}
    deliveries = [delivery_row({"alert_id": post.alert_id}, methods[post.method_id], now, now) for post in posts]
    insert_many(session, DELIVERIES, deliveries)


def send_notice(session: Session, notice_id: int, method: ContactMethod, now: datetime) -> None:
    session.add(Delivery(**delivery_row({"notice_id": notice_id}, method, now, now)))


def delivery_row(
    about: dict[str, int | None], method: ContactMethod | TeamContactMethod, now: datetime, due_at: datetime
) -> dict[str, Any]:
    """Columns of `deliveries`; `about` are those that say what it is about."""
    if isinstance(method, TeamContactMethod):
        whose: dict[str, int | None] = {"team_contact_method_id": method.id}
    else:
        whose = {"user_id": method.user_id, "contact_method_id": method.id}
    return {
        **about,
        **whose,
        "kind": method.kind,
        "address": method.address,
        "created_at": now,
        "due_at": due_at,
        **NOTHING_YET,
    }


def cancel_pending(session: Session, which: sa.ColumnElement[bool], now: datetime) -> None:
    """Call back every such delivery that has not left yet.

    One that carries others stays: its message may be at the provider, and others wait for it.
    """
    session.execute(
        sa.update(Delivery)
        .where(which, col(Delivery.state) == DeliveryState.PENDING, col(Delivery.carries) == 0)
        .values(state=DeliveryState.CANCELLED, finished_at=now)
    )


def call_back(session: Session, pages: sa.ColumnElement[bool], now: datetime) -> None:
    """Nobody waits for an answer to these pages any more: what has not left is cancelled, what is under way is neither
    tried again nor followed by another way.
    """
    session.execute(sa.update(Page).where(pages).values(relieved_at=now))
    cancel_pending(session, col(Delivery.page_id).in_(select(Page.id).where(pages)), now)


def try_next_methods(session: Session, failed: Sequence[Delivery], now: datetime) -> list[Delivery | None]:
    """After a failure, or not knowing, reach the same person another way at once; for each of what one message told of.

    The page's next planned delivery on another contact method is brought forward; if nothing is planned, a usable
    method that this page has not tried is used, before one that is being tried again. A notice has one delivery at a
    time, and is never a call. A post goes to the team's new address, if there is one. None: there is no other way; for
    a verification code there never is.
    """
    if not failed:
        return []
    tried = _tried(session, failed)
    methods = session.exec(
        select(ContactMethod).where(ContactMethod.user_id == failed[0].user_id).order_by(col(ContactMethod.id))
    ).all()
    return [_next_of(session, each, tried[each.page_id, each.notice_id], methods, now) for each in failed]


About = tuple[int | None, int | None]
"""The page or the notice that a delivery is for."""


def _tried(session: Session, failed: Sequence[Delivery]) -> dict[About, list[Delivery]]:
    """All deliveries for the same, soonest first."""
    tried: dict[About, list[Delivery]] = defaultdict(list)
    for start in range(0, len(failed), MOST_ASKED):
        some = failed[start : start + MOST_ASKED]
        pages = [each.page_id for each in some if each.page_id is not None]
        notices = [each.notice_id for each in some if each.notice_id is not None]
        same = col(Delivery.page_id).in_(pages) | col(Delivery.notice_id).in_(notices)
        for delivery in session.exec(select(Delivery).where(same).order_by(col(Delivery.due_at))):
            tried[delivery.page_id, delivery.notice_id].append(delivery)
    return tried


def _next_of(
    session: Session, failed: Delivery, tried: Sequence[Delivery], methods: Sequence[ContactMethod], now: datetime
) -> Delivery | None:
    if failed.page_id is None and failed.notice_id is None:
        return _at_new_address(session, failed, now)
    if failed.page_id is not None and session.get_one(Page, failed.page_id).is_shadow:
        return None  # nobody waits for their answer
    if failed.notice_id is not None and session.get_one(Notice, failed.notice_id).kind is NoticeKind.TEST:
        return None  # that this very way does not work is what was asked
    due_at = now if failed.page_id is None else _not_in_quiet_hours(session, failed, now)
    elsewhere = [each for each in tried if each.contact_method_id != failed.contact_method_id]
    planned = [each for each in elsewhere if each.state is DeliveryState.PENDING and each.unsure_since is None]
    for delivery in planned:
        if not delivery.attempts:
            delivery.due_at = min(delivery.due_at, due_at)
            session.add(delivery)
            return delivery
    used = {delivery.contact_method_id for delivery in tried}
    may_carry = is_usable if failed.page_id is not None else can_carry_notices
    method = next((method for method in methods if may_carry(method) and method.id not in used), None)
    if method is None:
        return next(iter(planned), None)  # has failed for now, too, and comes when it is tried again
    about = {"page_id": failed.page_id, "alert_id": failed.alert_id, "notice_id": failed.notice_id}
    delivery = Delivery(**delivery_row(about, method, now, due_at))
    session.add(delivery)
    return delivery


def _at_new_address(session: Session, failed: Delivery, now: datetime) -> Delivery | None:
    """Of a post, where the team's address has been changed since. A verification code has none."""
    method = method_of(session, failed)
    if not isinstance(method, TeamContactMethod) or goes_to(failed, method):
        return None
    delivery = Delivery(**delivery_row({"alert_id": failed.alert_id}, method, now, now))
    session.add(delivery)
    return delivery


def _not_in_quiet_hours(session: Session, failed: Delivery, now: datetime) -> datetime:
    quiet = quiet_of(session.get_one(User, failed.user_id))
    if quiet is None or session.get_one(Alert, failed.alert_id).urgency is Urgency.HIGH:
        return now
    return quiet.over_at(now)
