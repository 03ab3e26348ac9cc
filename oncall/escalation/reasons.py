"""Why a step runs now, and what that reason changes first: a snooze that ended, hours that have begun."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.alerts.urgency import rule_of
from oncall.delivery.updates import outdate
from oncall.escalation.acknowledgements import count_said, forget_acknowledgements, keep_first_acknowledgement
from oncall.escalation.policies import acknowledge_timeout
from oncall.escalation.progress import rewind
from oncall.lifecycle.alert import AlertAction, AlertStatus, after
from oncall.models import Alert, Page, Service, TimelineKind, Urgency, User
from oncall.timeline import spell, tell

NEW = "the alert triggered"
"""Why somebody is paged at once."""
FROM_THE_START = "paging again from the first step"


def why_now(session: Session, alert: Alert, now: datetime) -> str:
    """The alert is new, its snooze has ended, support hours have begun, or those paged before have not answered."""
    if alert.status is AlertStatus.ACKNOWLEDGED:
        return _wake(session, alert, now)
    if raise_urgency(session, alert, now, f", {FROM_THE_START}"):
        rewind(alert)
        return "support hours have begun"
    if alert.next_step_at == alert.triggered_at:
        return NEW
    if alert.next_step_at == alert.reopened_at:
        return "it came back after it was resolved"
    if alert.held_by_id is not None and alert.step == 0 and alert.round == 0:
        return f"alert #{alert.held_by_id} is resolved and this one is still open"
    return _unanswered(session, alert, now)


def raise_urgency(session: Session, alert: Alert, now: datetime, and_then: str = "") -> bool:
    """To high, where support hours have begun since it triggered. Whether it was."""
    if alert.urgency_rises_at is None or alert.urgency_rises_at > now:
        return False
    service = session.get_one(Service, alert.service_id)
    rule = rule_of(service.urgency, service.support_hours)
    urgency, alert.urgency_rises_at = rule.at_trigger(alert.severity, now)  # they may be over again, or set anew
    if urgency is not Urgency.HIGH:
        return False
    alert.urgency = urgency
    text = f"Support hours have begun: it is urgent now{and_then}"
    tell(session, alert.id, TimelineKind.TRIGGERED, text, now)
    return True


def reopen(session: Session, alert: Alert, action: AlertAction, now: datetime) -> None:
    """Back to triggered: nobody has it. Who had acknowledged before is asked again."""
    was, alert.status = alert.status, after(alert.status, action)
    if was is AlertStatus.ACKNOWLEDGED:
        forget_acknowledgements(session, alert)
    keep_first_acknowledgement(alert)
    alert.acknowledged_at = alert.acknowledged_by_id = alert.snoozed_until = alert.held_by_id = None
    outdate(session, [alert.id], now)


def _wake(session: Session, alert: Alert, now: datetime) -> str:
    ended, because = _what_ended(session, alert)
    reopen(session, alert, AlertAction.WAKE, now)
    rewind(alert)
    tell(session, alert.id, TimelineKind.TRIGGERED, f"{ended}: {FROM_THE_START}", now)
    raise_urgency(session, alert, now)
    return because


def _what_ended(session: Session, alert: Alert) -> tuple[str, str]:
    if alert.snoozed_until is not None:
        return "The snooze has ended", "the snooze ended"
    limit = spell(acknowledge_timeout(session, alert.policy_id) or timedelta())
    return f"Acknowledged, but not resolved within {limit}", f"not resolved within {limit}"


def _unanswered(session: Session, alert: Alert, now: datetime) -> str:
    pages = session.exec(
        select(Page.created_at, User.name, Page.relieved_at)
        .join(User)
        .where(Page.alert_id == alert.id, col(Page.is_shadow).is_(False))
        .order_by(col(Page.id).desc())
        .limit(10)
    ).all()
    if not pages and alert.maintenance_id is not None:
        return "it was not paged for maintenance, and is still open"
    if not pages:
        open_for = spell(now - alert.triggered_at)
        return f"it is flapping, and open for {open_for}" if alert.flaps else "nobody has been paged yet"
    last = pages[0][0]
    names = list(dict.fromkeys(name for at, name, relieved_at in reversed(pages) if at == last and not relieved_at))
    if not names:
        return f"only {count_said(session, alert)} after {spell(now - last)}"
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"no answer from {shown} for {spell(now - last)}"
