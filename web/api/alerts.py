"""Alerts: listed, shown, and sent by people and scripts."""

import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from oncall.alerts.actions import get_alert
from oncall.alerts.event import DEDUP_KEY_MAX, SUMMARY_MAX, Event, EventAction
from oncall.alerts.grouping import AlertDraft
from oncall.alerts.intake import source_of, take_in
from oncall.alerts.listing import LONGEST_TEXT, MOST_LABELS, AlertFilter, look_through, read_label
from oncall.auth.permissions import Permission
from oncall.ingest.reading import labels_of
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Severity, Urgency
from oncall.setup.integration_keys import find_service
from web.api.alert_views import AlertView, alert_view, alert_views
from web.api.body import After, Body, Id, Limit, Listing, Moment, problems
from web.edge import Api, Caller

router = APIRouter(prefix="/alerts", tags=["alerts"])

Wanted = Literal["open", "triggered", "acknowledged", "resolved", "all"]


class Link(Body):
    href: str = Field(pattern="^https?://", max_length=2000)
    text: str = Field("", max_length=200)


class AlertBody(Body):
    service: str
    summary: str = Field(min_length=1, max_length=SUMMARY_MAX, description="One sentence: what is wrong.")
    severity: Severity = Severity.ERROR
    dedup_key: str = Field(
        "", max_length=DEDUP_KEY_MAX, description="An open alert of the service with this key is updated instead."
    )
    source: str = Field("", max_length=300, description="Where it is wrong: a host, a job.")
    details: dict[str, Any] = Field({}, description="Whatever helps whoever is paged.")
    links: list[Link] = Field([], max_length=50)
    labels: dict[str, str] = Field({}, description="Such as cluster and environment: alerts can be listed by them.")


@router.get("", summary="Alerts, newest first")
def get_alerts(
    edge: Api,
    status: Wanted = "open",
    service: Annotated[str | None, Query(description="Only of this service.")] = None,
    q: Annotated[str, Query(max_length=LONGEST_TEXT, description="Words in the summary or the source.")] = "",
    mine: Annotated[bool, Query(description="Only those that I was paged about.")] = False,
    label: Annotated[
        list[str] | None,
        Query(max_length=MOST_LABELS, description="Only with this label, as cluster=prod. Can be given several times."),
    ] = None,
    maintenance: Annotated[str | None, Query(description="Only those that triggered in this window.")] = None,
    team: Annotated[str | None, Query(description="Only of services of this team.")] = None,
    urgency: Urgency | None = None,
    since: Annotated[Moment | None, Query(alias="from", description="Only those that triggered then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Only those that triggered before.")] = None,
    cursor: After = None,
    limit: Limit = 50,
) -> Listing[AlertView]:
    """One answer goes through 10,000 closed alerts at most, so that it may hold few items, or none, although there are
    more: they come as long as there is a `next`.
    """
    with edge.reading() as caller:
        wanted = AlertFilter(
            open_only=status == "open",
            status=None if status in ("open", "all") else AlertStatus(status),
            service=service,
            text=q,
            mine=caller.user_id if mine else None,
            maintenance=maintenance,
            labels=dict(map(read_label, label or [])),
            team=team,
            urgency=urgency,
            since=since,
            until=until,
        )
        found = look_through(caller.session, wanted, limit, before=cursor)
        items = alert_views(caller.session, found.rows)
        return Listing(items=items, next=None if found.older is None else str(found.older))


@router.post(
    "",
    status_code=201,
    summary="Send an alert; 200 when one with its dedup key was open and was updated",
    responses=problems(404) | {200: {"model": AlertView, "description": "An open alert was updated"}},
)
def send_alert(edge: Api, body: AlertBody, response: Response) -> AlertView:
    alert, is_new = _send(edge, body)
    response.status_code = 201 if is_new else 200
    return alert


@router.get("/{alert_id}", summary="One alert", responses=problems(404))
def show_alert(edge: Api, alert_id: Id) -> AlertView:
    with edge.reading() as caller:
        return alert_view(caller.session, get_alert(caller.session, alert_id))


def _send(edge: Api, body: AlertBody) -> tuple[AlertView, bool]:
    for _ in range(2):
        try:
            return _try_to_send(edge, body)
        except IntegrityError:
            continue  # another process opened an alert with this dedup key at the same moment: it is found now
    return _try_to_send(edge, body)


def _try_to_send(edge: Api, body: AlertBody) -> tuple[AlertView, bool]:
    with edge.writing(Permission.ACT) as caller:
        draft = _take_in(caller.session, body, caller)
        assert draft.id is not None
        alert = get_alert(caller.session, draft.id)
        return alert_view(caller.session, alert), draft.event_count == 1


def _take_in(session: Session, body: AlertBody, caller: Caller) -> AlertDraft:
    service = find_service(session, body.service)
    assert service.id is not None
    event = Event(
        EventAction.TRIGGER,
        body.dedup_key or secrets.token_hex(16),
        summary=body.summary,
        severity=body.severity,
        source=body.source,
        details=body.details,
        links=[link.model_dump() for link in body.links],
        labels=labels_of(body.labels),
    )
    return take_in(session, [(source_of(session, service.id, str(caller.actor)), event)], caller.now)[0]
