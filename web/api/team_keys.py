"""Integration keys of teams, whose rules choose the service, the urgency, or that nobody is paged."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from oncall.alerts.event import Event, EventAction
from oncall.auth.permissions import Permission
from oncall.ingest.reading import labels_of
from oncall.models import Severity, SuppressedEvent, Urgency
from oncall.rota.feeds import find_team
from oncall.setup import routing_trial, team_keys
from oncall.setup.integration_keys import address
from oncall.setup.routing_trial import MOST_TRIED, Tried
from oncall.setup.team_keys import TeamKeyRow
from web.addresses import base_url
from web.api.body import Body, Confirm, Limit, Listing, Moment, problems, whole
from web.edge import Api

router = APIRouter(prefix="/teams/{team}/integration-keys", tags=["routing"])

Rules = Annotated[
    list[dict[str, Any]],
    Field(
        max_length=200,
        description="In order, as in the config file: `name`; `when`, a list of `field` with `equals`, `contains`, "
        "`matches` (a regex) or `exists`; `hours` and `timezone`; then `service`, `urgency`, `severity`, or "
        "`suppress`.",
    ),
]


class TeamKeyBody(Body):
    tool: str | None = Field(None, description="Of a new key: the sending tool.")
    service: str | None = Field(None, description="Where events go that no rule sends elsewhere; needed for a new key.")
    key: str | None = Field(None, max_length=100, description="Left out: made for a new key, else as it is.")
    options: dict[str, str] | None = None
    rules: Rules | None = None


class RuleCountView(BaseModel):
    rule: str
    count: int = Field(description="How many events it has matched.")
    last_at: datetime


class TeamKeyView(BaseModel):
    name: str
    team: str
    service: str
    tool: str
    key: str
    url: str
    rules: list[dict[str, Any]]
    counts: list[RuleCountView]


class EventBody(Body):
    summary: str = ""
    source: str = ""
    severity: Severity = Severity.ERROR
    dedup_key: str = ""
    labels: dict[str, str] = Field({})
    details: dict[str, Any] = Field({})

    def event(self) -> Event:
        return Event(
            EventAction.TRIGGER,
            self.dedup_key,
            self.summary,
            self.severity,
            self.source,
            self.details,
            labels=labels_of(self.labels),
        )


class PreviewBody(Body):
    rules: Rules | None = Field(None, description="Left out: the key's own.")
    events: list[EventBody] = Field([], max_length=MOST_TRIED)
    requests: list[str] = Field([], max_length=MOST_TRIED, description="Raw bodies, as the key's tool has sent them.")
    last: int = Field(
        0, ge=0, le=MOST_TRIED, description="So many of the last requests that came, each as at the time it came."
    )
    at: Moment | None = Field(None, description="When `events` and `requests` come in. Left out: now.")


class TriedView(BaseModel):
    action: EventAction
    dedup_key: str
    summary: str
    rule: str | None = Field(description="The first that matches; null: none does.")
    service: str | None = Field(description="Null: suppressed, or it goes wherever its alert is.")
    suppressed: bool
    urgency: Urgency | None = Field(description="Of the alert that it would open; null: it would open none.")
    severity: Severity
    request: int | None = Field(description="The number of the request in which it came, of those that came.")


class RefusedView(BaseModel):
    request: int = Field(description="Its number.")
    problems: list[str]


class TrialView(Listing[TriedView]):
    refused: list[RefusedView] = Field(description="Of the requests that came, those that would be refused.")


class SuppressedView(BaseModel):
    rule: str
    at: datetime
    summary: str
    source: str
    severity: Severity
    dedup_key: str
    labels: dict[str, str]


@router.get("", summary="A team's integration keys with their rules", responses=problems(404))
def list_keys(edge: Api, team: str) -> Listing[TeamKeyView]:
    with edge.reading(Permission.ADMINISTER) as caller:
        rows = team_keys.list_team_keys(caller.session, find_team(caller.session, team))
        return whole([_view(edge, row) for row in rows])


@router.put("/{name}", summary="Make a key of a team, or change it", responses=problems(400, 404, 409))
def put_key(edge: Api, team: str, name: str, body: TeamKeyBody, confirm: Confirm = False) -> TeamKeyView:
    """What is left out stays as it is. Rules are replaced as a whole: try them out first with `routing/preview`."""
    with edge.writing(Permission.ADMINISTER) as caller:
        fields = body.model_dump(exclude_none=True)
        row = team_keys.set_team_key(caller.session, team, name, fields, caller.now, confirm=confirm)
        return _view(edge, row)


@router.delete("/{name}", status_code=204, summary="Revoke a team's key", responses=problems(404, 409))
def delete_key(edge: Api, team: str, name: str, confirm: Confirm = False) -> None:
    with edge.writing(Permission.ADMINISTER) as caller:
        team_keys.revoke_team_key(caller.session, team, name, caller.now, confirm=confirm)


@router.post("/{name}/routing/preview", summary="Try rules out on events", responses=problems(400, 404))
def preview(edge: Api, team: str, name: str, body: PreviewBody) -> TrialView:
    """Nothing is stored, and nobody is paged."""
    if body.last:
        edge.runtime.journal.write()
    with edge.reading(Permission.ADMINISTER) as caller:
        row = team_keys.find_team_key(caller.session, team, name)
        rules, at = routing_trial.rules_of(row, body.rules), body.at or caller.now
        events = [each.event() for each in body.events] + routing_trial.read_requests(row, body.requests, at)
        tried = routing_trial.try_out(caller.session, row, rules, events, at)
        came = routing_trial.try_on_last(caller.session, row, rules, body.last) if body.last else []
    return TrialView(
        items=[_tried(each, None) for each in tried]
        + [_tried(each, one.request.id) for one in came for each in one.tried],
        refused=[RefusedView(request=one.request.id or 0, problems=one.problems) for one in came if one.problems],
    )


@router.get("/{name}/suppressed", summary="The last events that were suppressed, newest first", responses=problems(404))
def suppressed(edge: Api, team: str, name: str, limit: Limit = 50) -> Listing[SuppressedView]:
    """Of each rule as many as are kept; how many there were in all is in the key's `counts`."""
    with edge.reading() as caller:
        row = team_keys.find_team_key(caller.session, team, name)
        return whole([_suppressed(each) for each in team_keys.list_suppressed(caller.session, row, limit)])


def _view(edge: Api, row: TeamKeyRow) -> TeamKeyView:
    key = row.key
    return TeamKeyView(
        name=key.name,
        team=row.team,
        service=row.service,
        tool=key.tool,
        key=key.key,
        url=address(base_url(edge), key, edge.runtime.settings.email_domain),
        rules=key.rules,
        counts=[RuleCountView.model_validate(each.model_dump()) for each in row.counts.values()],
    )


def _tried(tried: Tried, request: int | None) -> TriedView:
    return TriedView(
        action=tried.event.action,
        dedup_key=tried.event.dedup_key,
        summary=tried.event.summary,
        rule=tried.rule and tried.rule.name,
        service=tried.service,
        suppressed=tried.is_suppressed,
        urgency=tried.urgency,
        severity=tried.severity,
        request=request,
    )


def _suppressed(row: SuppressedEvent) -> SuppressedView:
    return SuppressedView.model_validate(row.model_dump())
