"""Who would be paged if a service's alert fired at some moment, and nobody answered: run, not worked out anew.

A trial alert goes through the very steps of the engine, one due time after the other, and the caller throws it all
away. So maintenance, support hours, quiet hours, turns and shadows are in it without being written twice.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.grouping import open_alert
from oncall.alerts.intake import source_of
from oncall.auth.permissions import Permission, is_allowed
from oncall.escalation.steps import PAGED, POSTED, step_alert
from oncall.models import (
    Alert,
    ContactMethod,
    Delivery,
    EscalationPolicy,
    Page,
    Service,
    Severity,
    TimelineEntry,
    TimelineKind,
    Urgency,
    User,
)

MOST_STEPS = 30
"""A policy can go on for days: that much shows how."""
MOST_PAGES = 400
"""A third of a second on a busy machine, for which whoever else writes to SQLite waits: a team of 128, four times."""


@dataclass(frozen=True, slots=True)
class Way:
    """One message or call. `waits_from`: when it would go, were it not for quiet hours."""

    at: datetime
    kind: str
    method: str | None
    """What the person calls it; None where that is not the reader's to know."""
    waits_from: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timeline that there would be; somebody who is paged comes with their ways, soonest first."""

    at: datetime
    kind: TimelineKind
    said: str
    user: User | None = None
    reason: str = ""
    is_shadow: bool = False
    round: int = 0
    """How often all steps have been run before."""
    ways: tuple[Way, ...] = ()

    def seen_by(self, reader: User) -> "Moment":
        if self.user is None or self.user.id == reader.id or is_allowed(reader, Permission.ADMINISTER):
            return self
        return replace(self, ways=tuple(replace(way, method=None) for way in self.ways))

    @property
    def would_be(self) -> str:
        """The line, said of what has not happened."""
        if self.kind is TimelineKind.PAGED and not self.is_shadow:
            whom = self.said.removeprefix(PAGED).removesuffix(f": {self.reason}")
            return f"{whom} would be paged: {self.reason}"
        if self.said.startswith(POSTED):
            return f"It would be posted to {self.said.removeprefix(POSTED)}"
        return self.said


@dataclass(frozen=True, slots=True)
class WouldPage:
    service: str
    severity: Severity
    urgency: Urgency
    policy: str
    at: datetime
    moments: tuple[Moment, ...]
    goes_on: bool
    """More would follow, after the last moment shown."""

    def seen_by(self, reader: User) -> "WouldPage":
        """What people call their contact methods is for themselves and admins. That quiet hours make a message wait is
        for everybody, as it is on an alert: who waits for an answer must know why none comes."""
        return replace(self, moments=tuple(moment.seen_by(reader) for moment in self.moments))


def who_would_be_paged(session: Session, service: Service, severity: Severity, at: datetime) -> WouldPage:
    """With a problem that is new at `at`. It writes, and the caller throws that away."""
    alert = _fire(session, service, severity, at)
    urgency = alert.urgency
    policy = session.get_one(EscalationPolicy, alert.policy_id)  # held, or each step would ask for it again
    paged = 0
    for _ in range(MOST_STEPS):
        if alert.next_step_at is None or paged >= MOST_PAGES:
            break
        paged += step_alert(session, alert, max(at, alert.next_step_at))
    session.flush()
    goes_on = alert.next_step_at is not None
    return WouldPage(service.name, severity, urgency, policy.name, at, _moments(session, alert), goes_on)


def _fire(session: Session, service: Service, severity: Severity, at: datetime) -> Alert:
    assert service.id is not None
    key = secrets.token_hex()
    source = source_of(session, service.id, "a trial")
    draft = open_alert(Event(EventAction.TRIGGER, key, "A trial", severity), *source[:4], at)
    # numbers are what people type: none is spent on what is thrown away
    alert = Alert(id=-1 - secrets.randbelow(2**31 - 1), **draft.columns)
    session.add(alert)
    session.flush()
    return alert


def _moments(session: Session, alert: Alert) -> tuple[Moment, ...]:
    rows = session.exec(select(Page, User).join(User).where(Page.alert_id == alert.id))
    pages = {(page.user_id, page.created_at): (page, user) for page, user in rows}
    ways = _ways(session, alert)
    story = select(TimelineEntry).where(TimelineEntry.alert_id == alert.id).order_by(col(TimelineEntry.id))
    moments = []
    for entry in session.exec(story):
        paged = pages.get((entry.user_id or 0, entry.at)) if entry.kind is TimelineKind.PAGED else None
        moments.append(Moment(entry.at, entry.kind, entry.text, *(_paged(*paged, ways) if paged else ())))
    return tuple(moments)


def _paged(
    page: Page, user: User, ways: Mapping[int | None, list[Way]]
) -> tuple[User, str, bool, int, tuple[Way, ...]]:
    return user, page.reason, page.is_shadow, page.round, tuple(ways[page.id])


def _ways(session: Session, alert: Alert) -> Mapping[int | None, list[Way]]:
    """By page."""
    found: dict[int | None, list[Way]] = defaultdict(list)
    rows = (
        select(Delivery, ContactMethod.name)
        .join(ContactMethod, col(ContactMethod.id) == col(Delivery.contact_method_id))
        .where(Delivery.alert_id == alert.id)
        .order_by(col(Delivery.due_at), col(Delivery.id))
    )
    for delivery, name in session.exec(rows):
        found[delivery.page_id].append(Way(delivery.due_at, delivery.kind, name, delivery.waits_from))
    return found
