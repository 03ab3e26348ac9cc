"""Running a step: the decision made, its pages stored, the timeline told, the next due time set. All in one go."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from oncall.delivery.outbox import NewPage, send_pages
from oncall.delivery.updates import outdate
from oncall.escalation.decide import Decision, PageOrder, Position, decide
from oncall.escalation.policies import policy_of
from oncall.escalation.targets import Resolutions
from oncall.lifecycle.alert import AlertAction, AlertStatus, after
from oncall.models import Alert, EscalationPolicy, Page, TimelineKind, User
from oncall.timeline import spell, tell, tell_once

log = structlog.get_logger(__name__)

BROKEN_WAIT = timedelta(minutes=1)
NEW = "the alert triggered"
"""Why somebody is paged at once."""
DUE_BATCH = 25
"""Alerts stepped in one transaction."""


def step_due_alerts(session: Session, now: datetime, *, one_by_one: bool = False) -> int:
    """Step every alert that is due, up to a batch, skipping those that another process has. Gives how many.

    `one_by_one`: when a mistake of ours stopped the batch, so that one alert does not hold up the others.
    """
    rows = session.exec(
        select(Alert, EscalationPolicy)  # the policies are held here so that `policy_of` need not ask for them
        .join(EscalationPolicy)
        .where(col(Alert.next_step_at) <= now)
        .order_by(col(Alert.next_step_at))
        .limit(DUE_BATCH)
        .with_for_update(of=Alert, skip_locked=True, key_share=True)
    ).all()
    due = [alert for alert, _ in rows]
    if one_by_one:
        for alert in due:
            _step_or_postpone(session, alert, now)
    else:
        _step_all(session, [(alert, _why(session, alert, now)) for alert in due], now)
    return len(due)


def run_step(session: Session, alert: Alert, now: datetime, because: str) -> None:
    """Page whoever comes next on a triggered alert. `because` goes to the timeline and into the pages' reasons."""
    _step_all(session, [(alert, because)], now)


def _step_or_postpone(session: Session, alert: Alert, now: datetime) -> None:
    try:
        with session.begin_nested():
            _step_all(session, [(alert, _why(session, alert, now))], now)
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("alert.not_stepped", alert=alert.id)
        text = "Escalation failed by a fault in this service: trying again every minute"
        tell_once(session, alert.id, TimelineKind.NOT_PAGED, text, now)
        alert.next_step_at = now + BROKEN_WAIT
        session.add(alert)
        session.flush()


def _step_all(session: Session, steps: Sequence[tuple[Alert, str]], now: datetime) -> None:
    """Each target resolved once, every decision made, all of it stored together."""
    resolutions = Resolutions(session, now)
    pages: list[NewPage] = []
    for alert, because in steps:
        position = Position(alert.step, alert.round, alert.round_reached)
        decision = decide(policy_of(session, alert), position, now, resolutions, because)
        _move(session, alert, decision, now)
        pages += [_page(session, alert, order, now) for order in decision.pages]
        if decision.closing:
            tell(session, alert.id, TimelineKind.NOT_PAGED, decision.closing, now)
    waits = send_pages(session, pages, resolutions.reach, now)
    for alert, _ in steps:
        if alert.id in waits and alert.next_step_at is not None:
            alert.next_step_at += waits[alert.id]  # or the next step would run before anybody was told


def _move(session: Session, alert: Alert, decision: Decision, now: datetime) -> None:
    for note in decision.notes:
        tell_once(session, alert.id, TimelineKind.NOT_PAGED, note, now)
    position = decision.position
    alert.step, alert.round, alert.round_reached = position.step, position.round, position.reached
    alert.next_step_at = decision.next_at
    session.add(alert)


def _page(session: Session, alert: Alert, order: PageOrder, now: datetime) -> NewPage:
    assert alert.id is not None
    to = order.recipient
    who = f"{to.name} ({to.role})" if to.role else to.name
    later = f", {spell(to.delay)} after whoever learns" if to.delay else ""
    said = f"{who} follows along as a shadow" if to.is_shadow else f"Paged {who}{later}: {order.reason}"
    tell(session, alert.id, TimelineKind.PAGED, said, now, to.user_id)
    return NewPage(
        alert.id, to.user_id, order.step, order.round, order.reason, alert.urgency, now + to.delay, to.is_shadow
    )


def _why(session: Session, alert: Alert, now: datetime) -> str:
    """Why this step runs now: the alert is new, its snooze has ended, or those paged before have not answered."""
    if alert.status is AlertStatus.ACKNOWLEDGED:
        alert.status = after(alert.status, AlertAction.WAKE)
        alert.snoozed_until = alert.acknowledged_at = alert.acknowledged_by_id = None
        outdate(session, [alert.id], now)
        tell(session, alert.id, TimelineKind.TRIGGERED, "The snooze has ended: paging again from the first step", now)
        return "the snooze ended"
    if alert.next_step_at == alert.triggered_at:
        return NEW
    return _unanswered(session, alert, now)


def _unanswered(session: Session, alert: Alert, now: datetime) -> str:
    pages = session.exec(
        select(Page.created_at, User.name)
        .join(User)
        .where(Page.alert_id == alert.id, col(Page.is_shadow).is_(False))
        .order_by(col(Page.id).desc())
        .limit(10)
    ).all()
    if not pages:
        return "nobody has been paged yet"
    last = pages[0][0]
    names = list(dict.fromkeys(name for at, name in reversed(pages) if at == last))
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"no answer from {shown} for {spell(now - last)}"
