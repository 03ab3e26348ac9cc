"""Many pages for one address as one message: which of the due ones go now, what is held back, and what it tells of.

One delivery carries the message; the others point to it and share what becomes of it (`carried.py`). Everything is
decided for a place at once, so that ten thousand due pages cost a few statements and hide nobody else's.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.delivery.places import COLUMNS, Place, by_owner, locked, place_of
from oncall.delivery.throttle import LATELY, Said, Waiting, held_until
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Page, Service
from oncall.models.delivery import WAITING

Due = tuple[Delivery, Alert | None, Service | None, Page | None]
"""A delivery and what it is about: nothing for a notice and a verification code."""

REACHED = [DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED]


def gather(
    session: Session, due: Sequence[Due], now: datetime, longest: timedelta, *, is_all: bool
) -> tuple[list[Due], set[Place]]:
    """Those of `due` that are to be sent now, each perhaps carrying others; the rest is held back.

    `is_all`: nothing else is due.

    Also the places that another process is deciding about at this moment: what is due there is left to it.
    """
    alone: list[Due] = []
    by_place: dict[tuple[Place, bool], list[Due]] = defaultdict(list)
    for each in due:
        place = place_of(each[0]) if _can_be_bundled(each) else None
        if place is None:
            alone.append(each)
        else:
            by_place[place, is_shadow(each)].append(each)
    if not by_place or longest <= timedelta():
        return list(due), set()
    wanted = {place for place, _ in by_place}
    ours = locked(session, wanted)
    said = _said_lately(session, ours, now)
    leads = [
        lead
        for (place, _), waiting in sorted(by_place.items())  # what wants an answer comes before shadows' pages
        if place in ours and (lead := _decide(session, waiting, said[place], now, longest, is_all=is_all)) is not None
    ]
    return alone + leads, wanted - ours


def _can_be_bundled(due: Due) -> bool:
    """Pages and posts; but a message that may be at the provider already must stay as it is, to be found there."""
    delivery, alert, _, page = due
    is_over = page is not None and page.relieved_at is not None
    return alert is not None and not is_over and delivery.unsure_since is None


def is_shadow(due: Due) -> bool:
    return due[3] is not None and due[3].is_shadow


def _said_lately(session: Session, places: Collection[Place], now: datetime) -> defaultdict[Place, list[Said]]:
    found: defaultdict[Place, list[Said]] = defaultdict(list)
    for of_team, ids in by_owner(places):
        rows = session.exec(
            select(COLUMNS[of_team], Delivery.first_attempt_at, Alert.service_id)
            .join(Alert, col(Alert.id) == col(Delivery.alert_id))
            .where(
                COLUMNS[of_team].in_(ids),
                col(Delivery.first_attempt_at) > now - LATELY,
                col(Delivery.carried_by).is_(None),
                col(Delivery.state).in_(REACHED),
            )
        )
        for method_id, at, service_id in rows:
            assert method_id is not None
            assert at is not None
            found[Place(of_team, method_id)].append(Said(at, service_id))
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
    return alert.service_id in known, alert.severity.rank(), alert.id or 0


def _due_beside(due: Due, now: datetime) -> sa.ColumnElement[bool]:
    """All that is due at the same address, but for pages that are being called back just now."""
    delivery, _, _, page = due
    place = place_of(delivery)
    assert place is not None
    ids = select(Delivery.id).where(
        WAITING,
        place.deliveries,
        Delivery.address == delivery.address,
        col(Delivery.alert_id).is_not(None),
        col(Delivery.due_at) <= now,
        col(Delivery.unsure_since).is_(None),
    )
    if page is not None:
        ids = ids.join(Page, col(Page.id) == col(Delivery.page_id)).where(
            col(Page.relieved_at).is_(None), col(Page.is_shadow).is_(page.is_shadow)
        )
    return col(Delivery.id).in_(ids.with_for_update(of=Delivery, skip_locked=True, key_share=True))


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
