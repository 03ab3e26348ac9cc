"""Many pages for one address as one message: which of the due ones go now, what is held back, and what it tells of.

One delivery carries the message; the others point to it and share what becomes of it (`carried.py`). Everything is
decided for a contact method at once, so that ten thousand due pages cost a few statements and hide nobody else's.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.delivery.throttle import LATELY, Said, Waiting, held_until
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, ContactMethod, Delivery, Page, Service, Severity
from oncall.models.delivery import WAITING

Due = tuple[Delivery, Alert | None, Service | None, Page | None]
"""A delivery and what it is about: nothing for a notice and a verification code."""

REACHED = [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED]
GRAVITY = list(Severity)
"""The gravest first."""


def gather(
    session: Session, due: Sequence[Due], now: datetime, longest: timedelta, *, is_all: bool
) -> tuple[list[Due], set[int]]:
    """Those of `due` that are to be sent now, each perhaps carrying others; the rest is held back.

    `is_all`: nothing else is due.

    Also the contact methods that another process is deciding about at this moment: what is due there is left to it.
    """
    alone = [each for each in due if not _can_be_bundled(each)]
    by_place: dict[tuple[int, bool], list[Due]] = defaultdict(list)
    for each in due:
        delivery, _, _, page = each
        if _can_be_bundled(each) and delivery.contact_method_id is not None and page is not None:
            by_place[delivery.contact_method_id, page.is_shadow].append(each)
    if not by_place or longest <= timedelta():
        return list(due), set()
    wanted = {method_id for method_id, _ in by_place}
    ours = _locked(session, wanted)
    said = _said_lately(session, ours, now)
    leads = [
        lead
        for (method_id, _), waiting in sorted(by_place.items())  # what wants an answer comes before shadows' pages
        if method_id in ours
        and (lead := _decide(session, waiting, said[method_id], now, longest, is_all=is_all)) is not None
    ]
    return alone + leads, wanted - ours


def _can_be_bundled(due: Due) -> bool:
    """Pages; but a message that may be at the provider already must stay as it is, to be found there."""
    delivery, _, _, page = due
    is_page = page is not None and page.relieved_at is None
    return is_page and delivery.contact_method_id is not None and delivery.unsure_since is None


def _locked(session: Session, method_ids: Collection[int]) -> set[int]:
    """Those that no other process decides about: two that decide at once would both find that nothing went there."""
    if session.get_bind().dialect.name == "sqlite":
        return set(method_ids)  # there is no other
    statement = select(ContactMethod.id).where(col(ContactMethod.id).in_(method_ids)).order_by(col(ContactMethod.id))
    ids = session.exec(statement.with_for_update(skip_locked=True, key_share=True)).all()
    return {method_id for method_id in ids if method_id is not None}


def _said_lately(session: Session, method_ids: Collection[int], now: datetime) -> defaultdict[int | None, list[Said]]:
    found: defaultdict[int | None, list[Said]] = defaultdict(list)
    rows = session.exec(
        select(Delivery.contact_method_id, Delivery.first_attempt_at, Alert.service_id)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .where(
            col(Delivery.contact_method_id).in_(method_ids),
            col(Delivery.first_attempt_at) > now - LATELY,
            col(Delivery.carried_by).is_(None),
            col(Delivery.state).in_(REACHED),
        )
    )
    for method_id, at, service_id in rows:
        assert at is not None
        found[method_id].append(Said(at, service_id))
    return found


def _decide(
    session: Session, waiting: Sequence[Due], said: list[Said], now: datetime, longest: timedelta, *, is_all: bool
) -> Due | None:
    """The one that goes, with all that is due beside it; None when they are held back."""
    pages = [
        Waiting(alert.service_id, delivery.held_since is not None)
        for delivery, alert, _, _ in waiting
        if alert is not None
    ]
    first = waiting[0][0]
    until = held_until(said, pages, now, longest, rings=KINDS[first.kind].rings)
    if until is not None:
        _hold(session, waiting, until, now)
        return None
    known = {each.service_id for each in said}
    lead = min(waiting, key=lambda each: _rank(each, known))
    alert = lead[1]
    assert alert is not None
    said.append(Said(now, alert.service_id))
    if len(waiting) > 1 or not is_all:
        _carry(session, lead, now)
    return lead


def _rank(due: Due, known: Collection[int]) -> tuple[bool, int, int]:
    """A service that the person has not heard of yet goes before, then what is graver, then what is older."""
    _, alert, _, _ = due
    assert alert is not None
    return alert.service_id in known, GRAVITY.index(alert.severity), alert.id or 0


def _due_beside(due: Due, now: datetime) -> sa.ColumnElement[bool]:
    """All pages that are due at the same address, but for those that are being called back just now."""
    delivery, _, _, page = due
    assert page is not None
    ids = (
        select(Delivery.id)
        .join(Page, col(Page.id) == col(Delivery.page_id))
        .where(
            WAITING,
            col(Delivery.contact_method_id) == delivery.contact_method_id,
            Delivery.address == delivery.address,
            col(Delivery.due_at) <= now,
            col(Delivery.unsure_since).is_(None),
            col(Page.relieved_at).is_(None),
            col(Page.is_shadow).is_(page.is_shadow),
        )
        .with_for_update(of=Delivery, skip_locked=True, key_share=True)
    )
    return col(Delivery.id).in_(ids)


def _hold(session: Session, waiting: Sequence[Due], until: datetime, now: datetime) -> None:
    """Whatever has been held once stays due, and goes in the next round."""
    session.execute(
        sa.update(Delivery)
        .where(_due_beside(waiting[0], now), col(Delivery.held_since).is_(None))
        .values(due_at=until, held_since=now)
        .execution_options(synchronize_session=False)
    )


def _carry(session: Session, lead: Due, now: datetime) -> None:
    """All that is due beside it goes with this one. They are marked as being sent when it is claimed."""
    delivery = lead[0]
    result = session.execute(
        sa.update(Delivery)
        .where(_due_beside(lead, now), col(Delivery.id) != delivery.id)
        .values(carried_by=delivery.id)
        .execution_options(synchronize_session=False)
    )
    delivery.carries = int(result.rowcount)  # type: ignore[attr-defined]
    if delivery.carries:
        delivery.body = ""  # what it said alone surely did not arrive
    session.add(delivery)
