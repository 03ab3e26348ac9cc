"""Services, and the integration keys that lead to them. Keys are secrets: for managers of the team and admins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from oncall.alerts.flapping import flapping_rule_of
from oncall.auth.permissions import Permission
from oncall.ingest.registry import open_options, set_secrets
from oncall.maintenance.holding import windows_on
from oncall.maintenance.occurrences import occurrence
from oncall.models import (
    EscalationPolicy,
    IntegrationKey,
    MaintenanceWindow,
    Service,
    ServiceDependency,
    ServiceUrgency,
    Urgency,
)
from oncall.models.service import IN_FORCE, IN_USE
from oncall.setup.deletion_of_services import delete_service
from oncall.setup.integration_keys import address, check_runs, create_key, find_service, keys_by_service, revoke_key
from web.addresses import base_url
from web.api.body import Body, Confirm, Listing, problems, whole
from web.api.names import team_names
from web.edge import Api, Caller

router = APIRouter(prefix="/services", tags=["services"])


class KeyBody(Body):
    name: str = Field(max_length=100, description="What sends there.")
    tool: str = Field(description="The sending tool, such as alertmanager, pagerduty or generic.")
    options: dict[str, str] = Field({}, description="Of the tool, by name.")
    key: str = Field("", description="The one that the tool has already, of another vendor. Left out: one is made.")


class KeyView(BaseModel):
    name: str
    tool: str
    key: str
    url: str = Field(description="Where the tool sends to; PagerDuty's clients take the key as their routing key.")
    options: dict[str, str] = Field(description="Without those that are secret.")
    secrets: list[str] = Field(description="Names of the secret options that are set. What they are is never shown.")
    created_at: datetime


class SupportHoursView(BaseModel):
    hours: str
    timezone: str
    during: Urgency
    outside: Urgency


class FlappingView(BaseModel):
    times: int = Field(description="0: nothing is.")
    within_seconds: int
    stays_seconds: int = Field(description="How long it must stay open to be paged all the same.")


class MaintenanceView(BaseModel):
    name: str
    reason: str
    until: datetime


class ServiceView(BaseModel):
    name: str
    description: str
    urgency: ServiceUrgency
    support_hours: SupportHoursView | None = Field(description="They decide the urgency in place of `urgency`.")
    flapping: FlappingView = Field(description="What triggers and is resolved so often is paged only if it stays open.")
    team: str | None
    escalation_policy: str
    grouping: dict[str, Any] | None = Field(
        description="What is one alert: `labels`, `within_seconds`; null: dedup key."
    )
    auto_resolve_seconds: int | None = Field(description="So long after its last event an alert resolves by itself.")
    reopen_within_seconds: int | None = Field(description="So long after it was resolved an alert is re-opened.")
    maintenance: MaintenanceView | None = Field(
        description="The window that is on now, in which its alerts don't page."
    )
    depends_on: list[str] = Field(description="While one of these is down, alerts of this service are folded into its.")
    integration_keys: list[KeyView] | None = Field(description="Null unless you manage its team or are an admin.")


@router.get("", summary="Every service")
def list_services(edge: Api) -> Listing[ServiceView]:
    with edge.reading(at_one_moment=True) as caller:
        rows = caller.session.exec(select(Service).where(IN_USE).order_by(col(Service.name))).all()
        return whole(_views(edge, caller, rows))


@router.get("/{name}", summary="One service", responses=problems(404))
def get_service(edge: Api, name: str) -> ServiceView:
    with edge.reading(at_one_moment=True) as caller:
        return _views(edge, caller, [find_service(caller.session, name)])[0]


@router.delete("/{name}", status_code=204, summary="Delete a service", responses=problems(404, 409))
def delete(edge: Api, name: str, confirm: Confirm = False) -> None:
    """Once it has no open alert, and no team's key and no canary leads to it. Its alerts stay, and are found by its
    name; its keys are refused from then on."""
    with edge.writing(Permission.ACT) as caller:
        delete_service(caller.session, edge.runtime.settings, caller.user, name, caller.now, confirm=confirm)


@router.post(
    "/{name}/integration-keys", status_code=201, summary="Make an integration key", responses=problems(400, 404, 409)
)
def add_key(edge: Api, name: str, body: KeyBody) -> KeyView:
    with edge.writing(Permission.ACT) as caller:
        service = find_service(caller.session, name)
        check_runs(caller.session, caller.user, service)
        made = create_key(caller.session, service, body.name, body.tool, caller.now, body.options, body.key)
        return key_view(edge, made)


@router.delete(
    "/{name}/integration-keys/{key_name}",
    status_code=204,
    summary="Revoke an integration key: what is sent there is refused from now on",
    responses=problems(404),
)
def delete_key(edge: Api, name: str, key_name: str) -> None:
    with edge.writing(Permission.ACT) as caller:
        service = find_service(caller.session, name)
        check_runs(caller.session, caller.user, service)
        revoke_key(caller.session, service, key_name, caller.now)


def _views(edge: Api, caller: Caller, rows: Sequence[Service]) -> list[ServiceView]:
    session, teams = caller.session, team_names(caller.session)
    policies = {policy.id: policy.name for policy in session.exec(select(EscalationPolicy).where(IN_FORCE))}
    needs = _names_needed(session)
    on = windows_on(session, None, caller.now)
    keys = keys_by_service(session, caller.user, rows)
    return [
        ServiceView(
            name=row.name,
            description=row.description,
            urgency=row.urgency,
            support_hours=SupportHoursView.model_validate(row.support_hours) if row.support_hours else None,
            flapping=_flapping(row),
            grouping=row.grouping,
            auto_resolve_seconds=row.auto_resolve_seconds,
            reopen_within_seconds=row.reopen_within_seconds,
            team=teams.get(row.team_id),
            escalation_policy=policies[row.escalation_policy_id],
            maintenance=_maintenance(on.get(row.id or 0, ()), caller.now),
            depends_on=needs.get(row.id, []),
            integration_keys=[key_view(edge, key) for key in keys[row.id]] if row.id in keys else None,
        )
        for row in rows
    ]


def _flapping(service: Service) -> FlappingView:
    rule = flapping_rule_of(service.flapping)
    within, stays = (int(span.total_seconds()) for span in (rule.within, rule.stays))
    return FlappingView(times=rule.times, within_seconds=within, stays_seconds=stays)


def _maintenance(windows: Sequence[MaintenanceWindow], now: datetime) -> MaintenanceView | None:
    """Of several, the one that ends last."""
    ends = {occurrence(window, now)[1]: window for window in windows}
    if not ends:
        return None
    window = ends[max(ends)]
    return MaintenanceView(name=window.name, reason=window.reason, until=max(ends))


def _names_needed(session: Session) -> dict[int | None, list[str]]:
    """By service, the names of those that it depends on."""
    needs: dict[int | None, list[str]] = {}
    rows = select(ServiceDependency.service_id, Service.name).join(
        Service, col(Service.id) == col(ServiceDependency.depends_on_id)
    )
    for service_id, name in session.exec(rows.order_by(col(Service.name))):
        needs.setdefault(service_id, []).append(name)
    return needs


def key_view(edge: Api, key: IntegrationKey) -> KeyView:
    return KeyView(
        name=key.name,
        tool=key.tool,
        key=key.key,
        url=address(base_url(edge), key, edge.runtime.settings.email_domain),
        options=open_options(key.tool, key.options),
        secrets=set_secrets(key.tool, key.options),
        created_at=key.created_at,
    )
