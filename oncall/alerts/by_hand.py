"""Paging whoever is on call, by hand: an alert on a service whose policy begins with the schedule.

Somebody waits for an answer, so nothing that keeps machines quiet holds it back: not maintenance, a dependency that is
down, grouping, support hours, nor quiet hours.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from oncall.alerts.actions import Actor, get_alert
from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.alerts.flapping import USUAL
from oncall.alerts.intake import source_of, take_in
from oncall.alerts.urgency import UrgencyRule
from oncall.errors import BadInput, NotFound
from oncall.escalation.progress import is_new
from oncall.escalation.steps import run_step
from oncall.escalation.target_text import Target
from oncall.models import EscalationPolicy, Schedule, Service, Severity, TimelineKind, Urgency
from oncall.models.service import IN_USE
from oncall.timeline import tell


def page_schedule(session: Session, schedule: str, text: str, key: str, actor: Actor, now: datetime) -> tuple[int, str]:
    """Open the alert; gives its number, and its service. The same `key` again, while it is open, opens no other.

    Raises BadInput, or NotFound where no service pages the schedule first.
    """
    text = text.strip()
    if not 0 < len(text) <= SUMMARY_MAX:
        raise BadInput(f"Say what is wrong, in 1 to {SUMMARY_MAX} characters.", field="text")
    service_id, service = _service_that_pages(session, schedule)
    event = Event(EventAction.TRIGGER, key, text, Severity.ERROR)
    source = source_of(session, service_id, str(actor))._replace(**AT_ONCE)
    (draft,) = take_in(session, [(source, event)], now)
    assert draft.id is not None
    alert = get_alert(session, draft.id)
    if is_new(alert):  # else the form was sent twice
        tell(session, alert.id, TimelineKind.ESCALATED, f"{actor} asked for whoever is on call", now, actor.user_id)
        run_step(session, alert, now, f"{actor.name} asked for whoever is on call")
    return draft.id, service


AT_ONCE: dict[str, Any] = {
    "urgency": UrgencyRule(Urgency.HIGH),
    "grouping": None,
    "flapping": replace(USUAL, times=0),
    "reopen_within": None,
}


def services_that_page(session: Session) -> dict[str, list[tuple[int, str]]]:
    """By schedule, the services, the oldest first, whose policy begins with it."""
    found: dict[str, list[tuple[int, str]]] = {}
    rows = select(Service.id, Service.name, EscalationPolicy.steps).join(EscalationPolicy).where(IN_USE)
    for service_id, name, steps in session.exec(rows.order_by(col(Service.id))):
        for target in map(Target.parse, steps[0]["page"] if steps else ()):
            if target.kind == "schedule" and service_id is not None:
                found.setdefault(target.name, []).append((service_id, name))
    return found


def _service_that_pages(session: Session, schedule: str) -> tuple[int, str]:
    """Of several the one of the same name, else the oldest."""
    if not schedule:
        raise BadInput("Choose whom to page.", field="schedule")
    if session.exec(select(Schedule.id).where(Schedule.name == schedule)).first() is None:
        raise NotFound(f"There is no schedule {schedule}.", field="schedule")
    found = services_that_page(session).get(schedule)
    if not found:
        raise NotFound(f"No service pages {schedule} first: give one to a service's policy.", field="schedule")
    return min(found, key=lambda service: (service[1] != schedule, service[0]))
