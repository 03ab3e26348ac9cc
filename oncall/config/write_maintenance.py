"""Maintenance windows, as a Config has them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from oncall.config.rows import by_name, fill
from oncall.config.service_forms import MaintenanceForm
from oncall.config.values import write_datetime
from oncall.maintenance.holding import look_again
from oncall.maintenance.occurrences import first_occurrence
from oncall.models import MaintenanceWindow, Service, Team

TIMES = ("start", "end", "timezone", "repeats")


def write_maintenance(session: Session, forms: Sequence[MaintenanceForm], now: datetime) -> None:
    """What was ended early, or extended, stays so until its times are written anew. What is held is looked at again."""
    services = by_name(session, Service, (form.service for form in forms if form.service))
    teams = by_name(session, Team, (form.team for form in forms if form.team))
    present = by_name(session, MaintenanceWindow, (form.name for form in forms))
    for form in forms:
        values: dict[str, Any] = {
            "service_id": services[form.service].id if form.service else None,
            "team_id": teams[form.team].id if form.team else None,
            "reason": form.reason,
            "start": write_datetime(form.start),
            "end": write_datetime(form.end),
            "timezone": form.timezone,
            "repeats": form.repeats,
            "pages_critical": form.pages_critical,
        }
        row = present.get(form.name)
        if row is None or any(getattr(row, name) != values[name] for name in TIMES):
            values |= _occurrence(form, now)
        if row is None:
            session.add(MaintenanceWindow(name=form.name, created_at=now, **values))
        else:
            fill(session, row, values)
            session.flush()
            look_again(session, row, now)
    session.flush()


def _occurrence(form: MaintenanceForm, now: datetime) -> dict[str, datetime]:
    """One whose rule has come to its end is kept as its first, which is over."""
    times = form.start, form.end, form.timezone
    span = first_occurrence(*times, form.repeats, now) or first_occurrence(*times, None, now)
    assert span is not None
    return {"starts_at": span[0], "ends_at": span[1]}
