"""An alert's timeline, and the proof of whom it reached."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from notifiers.registry import KINDS
from oncall.alerts import queries
from oncall.alerts.actions import get_alert
from oncall.auth.permissions import Permission, is_allowed
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery, TimelineKind
from web.api.body import Id, Listing, problems, whole
from web.api.names import People, Person
from web.edge import Api, Caller

router = APIRouter(prefix="/alerts/{alert_id}", tags=["alerts"], responses=problems(404))

SHOWN_DIGITS = 4


class TimelineEntryView(BaseModel):
    at: datetime
    kind: TimelineKind
    text: str
    user: Person | None = Field(description="Who did it, or who was paged.")


class DeliveryView(BaseModel):
    id: int
    user: Person
    kind: str
    address: str = Field(description="Only its last digits, unless it is your own or you are an admin.")
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    finished_at: datetime | None
    provider: str
    provider_id: str | None
    error: str


@router.get("/timeline", summary="What happened, oldest first")
def timeline(edge: Api, alert_id: Id) -> Listing[TimelineEntryView]:
    with edge.reading() as caller:
        get_alert(caller.session, alert_id)
        entries = queries.timeline(caller.session, alert_id)
        people = People(caller.session, [entry.user_id for entry in entries])
        return whole(
            [
                TimelineEntryView(at=entry.at, kind=entry.kind, text=entry.text, user=people.get(entry.user_id))
                for entry in entries
            ]
        )


@router.get("/deliveries", summary="Every attempt to reach somebody about it, and what came of it")
def deliveries(edge: Api, alert_id: Id) -> Listing[DeliveryView]:
    with edge.reading() as caller:
        get_alert(caller.session, alert_id)
        found = [delivery for delivery, _ in queries.deliveries(caller.session, alert_id)]
        people = People(caller.session, [delivery.user_id for delivery in found])
        return whole([_view(delivery, people[delivery.user_id or 0], caller) for delivery in found])


def _view(delivery: Delivery, person: Person, caller: Caller) -> DeliveryView:
    may_see = delivery.user_id == caller.user_id or is_allowed(caller.user, Permission.ADMINISTER)
    address = KINDS[delivery.kind].shown(delivery.address) if may_see else f"…{delivery.address[-SHOWN_DIGITS:]}"
    return DeliveryView.model_validate({**delivery.model_dump(), "user": person, "address": address})
