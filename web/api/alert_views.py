"""An alert as the API shows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from oncall.alerts.added import with_added
from oncall.alerts.listing import AlertRow, get_row
from oncall.alerts.members import members_of
from oncall.alerts.queries import dependents, next_step
from oncall.escalation.acknowledgements import acknowledged_by
from oncall.lifecycle.alert import AlertStatus
from oncall.maintenance.windows import window_names
from oncall.models import Alert, Severity, Urgency
from web.api.names import People, Person


class NextStepView(BaseModel):
    """Who is paged, and when, if nobody answers until then."""

    at: datetime
    users: list[Person] = Field(description="Empty: nobody can be paged at that step.")


class MemberView(BaseModel):
    """One of several problems in an alert."""

    dedup_key: str
    summary: str
    severity: Severity
    event_count: int
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None


class AlertView(BaseModel):
    id: int
    service: str
    status: AlertStatus
    severity: Severity
    urgency: Urgency
    summary: str
    source: str
    details: dict[str, Any]
    links: list[dict[str, str]]
    labels: dict[str, str]
    dedup_key: str
    event_count: int
    triggered_at: datetime
    last_event_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Person | None
    acknowledgements_needed: int = Field(description="By how many people, as the step that ran last wants it.")
    acknowledgements: list[Person] = Field(description="Who has, where several must: first to last.")
    snoozed_until: datetime | None
    urgency_rises_at: datetime | None = Field(description="When support hours begin, until which it can wait.")
    resolved_at: datetime | None
    resolved_by: Person | None = Field(description="Null while it is open, and when the sending tool resolved it.")
    reopened_at: datetime | None = Field(description="When it triggered once more after it had been resolved.")
    resolves_at: datetime | None = Field(description="When it is resolved by itself, unless another event comes.")
    next_step: NextStepView | None
    flaps: int = Field(
        description="How often its dedup key had triggered within minutes, where it is flapping; else 0."
    )
    held_by: int | None = Field(
        description="The alert into which it was folded: it is not paged while that one, on a service that this one's "
        "depends on, is open."
    )
    maintenance: str | None = Field(description="The window in which it triggered, by which it was not paged at once.")
    members: list[MemberView] = Field(description="The problems that it holds, where its service groups them.")
    dependents: list[int] = Field(description="Alerts that were folded into this one.")


def alert_view(session: Session, alert: Alert) -> AlertView:
    return alert_views(session, [get_row(session, alert)])[0]


def alert_views(session: Session, rows: Sequence[AlertRow]) -> list[AlertView]:
    steps = {row.alert.id: next_step(session, row.alert) for row in rows}
    several = acknowledged_by(session, [row.alert.id for row in rows])
    doers = [each for row in rows for each in (row.alert.acknowledged_by_id, row.alert.resolved_by_id)]
    paged = [recipient.user_id for step in steps.values() if step for recipient in step.recipients]
    people = People(session, [*doers, *paged, *(each for ids in several.values() for each in ids)])
    folded = dependents(session, [row.alert.id for row in rows])
    members = members_of(session, [row.alert.id for row in rows])
    windows = window_names(session, [row.alert for row in rows])
    views = []
    for row in rows:
        step = steps[row.alert.id]
        view = AlertView.model_validate(
            {
                **row.alert.model_dump(),
                "service": row.service,
                "details": with_added(row.alert.details, row.alert.added),
                "held_by": row.alert.held_by_id,
                "members": [
                    MemberView.model_validate(each.model_dump()) for each in members.get(row.alert.id or 0, [])
                ],
                "maintenance": windows.get(row.alert.maintenance_id),
                "dependents": [alert.id for alert in folded.get(row.alert.id, [])],
                "acknowledged_by": people.get(row.alert.acknowledged_by_id),
                "resolved_by": people.get(row.alert.resolved_by_id),
                "acknowledgements": [people[user_id] for user_id in several[row.alert.id]],
                "next_step": step
                and NextStepView(at=step.at, users=[people[recipient.user_id] for recipient in step.recipients]),
            }
        )
        views.append(view)
    return views
