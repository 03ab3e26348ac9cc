"""The REST API at /api/v1: one router a resource, in one visible list."""

from fastapi import APIRouter, Depends

from web.api import (
    absence_calendars,
    absences,
    alert_actions,
    alert_story,
    alerts,
    audit,
    burden,
    calendar_feeds,
    canaries,
    changes,
    config,
    contact_methods,
    escalation_policies,
    heartbeats,
    integration_keys,
    maintenance,
    notices,
    notification_rules,
    on_call,
    overrides,
    preview,
    providers,
    publishing,
    received_requests,
    reports,
    schedules,
    services,
    shadow_shifts,
    swaps,
    team_keys,
    teams,
    temporary_schedules,
    tokens,
    users,
    would_page,
)
from web.api.body import EVERYWHERE
from web.api.query import check_query

_RESOURCES: list[APIRouter] = [
    on_call.router,
    preview.router,
    schedules.router,
    publishing.router,
    burden.router,
    reports.router,
    overrides.router,
    temporary_schedules.router,
    shadow_shifts.router,
    swaps.router,
    swaps.out_of_reach,
    absences.router,
    absence_calendars.router,
    alerts.router,
    alert_actions.router,
    alert_story.router,
    changes.router,
    users.mine,  # before the router below, to which “me” would be a handle
    contact_methods.router,
    notification_rules.router,
    notices.router,
    tokens.router,
    calendar_feeds.router,
    users.router,
    teams.router,
    team_keys.router,
    services.router,
    would_page.router,
    integration_keys.router,
    received_requests.router,
    escalation_policies.router,
    heartbeats.router,
    maintenance.router,
    providers.router,
    config.router,
    audit.router,
    canaries.router,
]


LARGEST_BODY = 1_000_000
"""Bytes; a config file may have more."""


def _api() -> APIRouter:
    api = APIRouter(responses=EVERYWHERE, max_body_size=LARGEST_BODY, dependencies=[Depends(check_query)])
    for router in _RESOURCES:
        api.include_router(router)
    return api


ROUTERS: list[APIRouter] = [_api()]
