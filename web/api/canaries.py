"""Whether each account works, as the canaries find out."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission, is_allowed
from oncall.lifecycle.delivery import DeliveryState
from oncall.pulse.canary_report import CanaryReport, canaries
from web.api.alert_story import SHOWN_DIGITS
from web.api.body import Listing, whole
from web.edge import Api, Caller

router = APIRouter(prefix="/canaries", tags=["health"])


class CanaryMessage(BaseModel):
    state: DeliveryState
    planned_at: datetime
    accepted_after: float | None = Field(description="Seconds until the provider had it.")
    delivered_after: float | None = Field(description="Seconds until the provider said that it was delivered.")
    error: str = Field(description="What the provider said of the last attempt that failed.")
    problem: str | None = Field(
        description="Why it counts as failed, such as “sent, no receipt for 10 min”. Empty: it arrived as far as can "
        "be known. Null: nothing is known yet."
    )


class CanaryView(BaseModel):
    id: int = Field(description="Of the address; with the account it is the canary’s own.")
    kind: str
    account: str = Field(description="As in ONCALL_TWILIO_FALLBACKS; “twilio” is the first. A kind without is its own.")
    address: str = Field(description="Only its last characters, unless you are an admin.")
    due_at: datetime = Field(description="When the next one goes.")
    failing_since: datetime | None
    last: CanaryMessage | None


@router.get("", summary="The canaries that are sent by each account, and how the last of each went")
def list_canaries(edge: Api) -> Listing[CanaryView]:
    """Empty where ONCALL_CANARY_EVERY is not set."""
    with edge.reading() as caller:
        return whole([_view(each, caller) for each in canaries(caller.session, edge.runtime.settings, caller.now)])


def _view(found: CanaryReport, caller: Caller) -> CanaryView:
    canary = found.canary
    may_see = is_allowed(caller.user, Permission.ADMINISTER)
    address = found.address if may_see else f"…{canary.address[-SHOWN_DIGITS:]}"
    return CanaryView(
        id=found.tried.canary_id,
        kind=canary.kind,
        account=found.tried.account,
        address=address,
        due_at=found.tried.due_at,
        failing_since=found.tried.failing_since,
        last=_message(found),
    )


def _message(found: CanaryReport) -> CanaryMessage | None:
    if found.last is None:
        return None
    return CanaryMessage(
        state=found.last.state,
        planned_at=found.last.created_at,
        accepted_after=_seconds(found.latency.accepted),
        delivered_after=_seconds(found.latency.delivered),
        error=found.last.error,
        problem=found.problem,
    )


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None
