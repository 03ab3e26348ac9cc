"""The accounts that texts and calls go out by, and how each fares."""

from datetime import datetime
from enum import StrEnum

from fastapi import APIRouter
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.delivery.accounts import accounts_by_kind
from oncall.delivery.providers import Account, accounts_with_health
from web.api.body import Listing, whole
from web.edge import Api

router = APIRouter(prefix="/providers", tags=["providers"])


class ProviderStatus(StrEnum):
    NEW = "new"
    WORKING = "working"
    FAILING = "failing"


class ProviderView(BaseModel):
    name: str = Field(description="As in ONCALL_TWILIO_FALLBACKS; “twilio” is the first account.")
    kind: str
    position: int = Field(description="1 is used first, the next while those before it fail.")
    status: ProviderStatus = Field(description="new: nothing was sent by it yet.")
    failures: int = Field(description="In a row.")
    failing_since: datetime | None
    paused_until: datetime | None = Field(description="Others come before it until then; then one message tries it.")
    last_success_at: datetime | None = Field(description="To the minute.")
    last_failure: str


@router.get("", summary="Every account and kind of message, in the order in which they are used")
def list_providers(edge: Api) -> Listing[ProviderView]:
    with edge.reading(Permission.ADMINISTER) as caller:
        accounts = accounts_with_health(caller.session, accounts_by_kind(edge.runtime.settings))
    return whole([_view(account) for account in accounts])


def _view(account: Account) -> ProviderView:
    health = account.health
    return ProviderView(
        name=account.name,
        kind=account.kind,
        position=account.position,
        status=_status(account),
        failures=health.failures,
        failing_since=health.failing_since,
        paused_until=health.paused_until,
        last_success_at=health.last_success_at,
        last_failure=health.last_failure,
    )


def _status(account: Account) -> ProviderStatus:
    if account.health.failures:
        return ProviderStatus.FAILING
    return ProviderStatus.WORKING if account.health.last_success_at else ProviderStatus.NEW
