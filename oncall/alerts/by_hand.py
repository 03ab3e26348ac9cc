"""Paging whoever is on call, by hand: an alert like any other, on a service whose policy begins with the schedule."""

from datetime import datetime

from sqlmodel import Session, col, select

from oncall.alerts.actions import Actor
from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.errors import BadInput, NotFound
from oncall.escalation.target import Target
from oncall.models import EscalationPolicy, Schedule, Service, Severity


def page_schedule(session: Session, schedule: str, text: str, key: str, actor: Actor, now: datetime) -> tuple[int, str]:
    """Open the alert; gives its number, and its service. The same `key` again, while it is open, opens no other.

    Raises BadInput, or NotFound where no service pages the schedule first.
    """
    text = text.strip()
    if not 0 < len(text) <= SUMMARY_MAX:
        raise BadInput(f"Say what is wrong, in 1 to {SUMMARY_MAX} characters.", field="text")
    service_id, service = _service_that_pages(session, schedule)
    event = Event(EventAction.TRIGGER, key, text, Severity.ERROR)
    (draft,) = take_in(session, [(source_of(session, service_id, str(actor)), event)], now)
    assert draft.id is not None
    return draft.id, service


def services_that_page(session: Session) -> dict[str, list[tuple[int, str]]]:
    """By schedule, the services, the oldest first, whose policy begins with it."""
    found: dict[str, list[tuple[int, str]]] = {}
    rows = select(Service.id, Service.name, EscalationPolicy.steps).join(EscalationPolicy).order_by(col(Service.id))
    for service_id, name, steps in session.exec(rows):
        for target in map(Target.parse, steps[0]["page"] if steps else ()):
            if target.kind == "schedule" and service_id is not None:
                found.setdefault(target.name, []).append((service_id, name))
    return found


def _service_that_pages(session: Session, schedule: str) -> tuple[int, str]:
    """Of several the one of the same name, else the oldest."""
    if session.exec(select(Schedule.id).where(Schedule.name == schedule)).first() is None:
        raise NotFound(f"There is no schedule {schedule}.", field="schedule")
    found = services_that_page(session).get(schedule)
    if not found:
        raise NotFound(f"No service pages {schedule} first: give one to a service's policy.", field="schedule")
    return min(found, key=lambda service: (service[1] != schedule, service[0]))
