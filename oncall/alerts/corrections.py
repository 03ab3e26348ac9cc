"""What a sender puts right on its alert: the summary, how severe it is, its details. Callers commit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from oncall.alerts.actions import Doer, get_alert, resolve
from oncall.alerts.added import add, without
from oncall.alerts.urgency import rule_of
from oncall.delivery.updates import outdate
from oncall.delivery.urgent import plan_urgently
from oncall.errors import Conflict
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Service, Severity, TimelineKind, Urgency
from oncall.timeline import tell


def change_summary(session: Session, alert_id: int, summary: str, doer: Doer, now: datetime) -> None:
    """Messages that are out there follow. The same again changes nothing: some senders repeat it all the time."""
    alert = _open(session, alert_id)
    if alert.summary != summary:
        alert.summary = summary
        _told(session, alert, f"Summary changed by {doer}: {summary}", doer, now)


def change_detail(session: Session, alert_id: int, name: str, value: Any, doer: Doer, now: datetime) -> None:
    """Until the next event of the same key brings its own."""
    alert = _open(session, alert_id)
    if alert.details.get(name) != value:
        alert.details = {**alert.details, name: value}
        _told(session, alert, f"{name.capitalize()} changed by {doer}", doer, now)


def change_severity(session: Session, alert_id: int, severity: Severity, doer: Doer, now: datetime) -> None:
    """The urgency follows as the service's rule has it, and what waited because it was low goes now."""
    alert = _open(session, alert_id)
    if alert.severity is severity:
        return
    service = session.get_one(Service, alert.service_id)
    rule = rule_of(service.urgency, service.support_hours)
    was, urgency = rule.at_repeat(alert.severity), rule.at_repeat(severity)
    alert.severity, alert.urgency = severity, urgency or alert.urgency
    _told(session, alert, f"Severity changed to {severity} by {doer}", doer, now)
    if (was, urgency) == (Urgency.LOW, Urgency.HIGH) and alert.status is AlertStatus.TRIGGERED:
        plan_urgently(session, [alert_id], now)


def add_to(session: Session, alert_id: int, name: str, more: Any, said: str, doer: Doer, now: datetime) -> None:
    """To one of its lists or tables of details, whether or not it is open."""
    alert = get_alert(session, alert_id, lock=True)
    alert.added = add(alert.added, name, more)
    _told(session, alert, f"{said} added by {doer}", doer, now)


def take_from(session: Session, alert_id: int, name: str, gone: Iterable[str], doer: Doer, now: datetime) -> None:
    """From one of its lists or tables of details; what the next event brings is there again."""
    alert, unwanted = get_alert(session, alert_id, lock=True), list(gone)
    alert.details, alert.added = without(alert.details, name, unwanted), without(alert.added, name, unwanted) or None
    _told(session, alert, f"{name.capitalize()} removed by {doer}: {', '.join(unwanted)}", doer, now)


def delete(session: Session, alert_id: int, doer: Doer, now: datetime) -> None:
    """It is over, and its sender sees it no more. People do: who was paged, and why, is not a tool's to erase."""
    alert = resolve(session, alert_id, doer, now)
    alert.deleted_at = now
    _told(session, alert, f"Deleted by {doer}: kept here as a record", doer, now)


def _open(session: Session, alert_id: int) -> Alert:
    alert = get_alert(session, alert_id, lock=True)
    if alert.status is AlertStatus.RESOLVED:
        raise Conflict("This alert is resolved: what it says can't be changed any more.")
    return alert


def _told(session: Session, alert: Alert, text: str, doer: Doer, now: datetime) -> None:
    session.add(alert)
    tell(session, alert.id, TimelineKind.EVENT, text, now, doer.user_id)
    session.flush()
    outdate(session, [alert.id], now)
