"""An alert's timeline, and the proof of whom it reached."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from notifiers.registry import KINDS
from oncall.alerts import queries
from oncall.alerts.actions import get_alert
from oncall.auth.permissions import Permission, is_allowed
from oncall.delivery.proof import proof
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


class StateView(BaseModel):
    state: DeliveryState
    at: datetime


class DeliveryView(BaseModel):
    id: int
    user: Person | None = Field(description="Null for what was posted to a team's own address.")
    name: str = Field(description="Whom it is for: a person, or a team's address such as dev's #warroom (slack).")
    kind: str
    address: str = Field(description="Only its last digits, unless it is your own or you are an admin.")
    state: DeliveryState
    states: list[StateView] = Field(
        description="Every state it has been in, with its time; sending is the first attempt."
    )
    created_at: datetime
    due_at: datetime
    attempts: int
    first_attempt_at: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None
    provider: str = Field(description="The account that has it, or may have it.")
    provider_id: str | None
    error: str
    held_since: datetime | None = Field(description="Since when it was held back, because much went to that address.")
    carried_by: int | None = Field(
        description="The delivery whose one message tells of this alert too, and whose fate this one shares."
    )
    carries: int = Field(description="How many other alerts its message tells of.")


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
        found = queries.deliveries(caller.session, alert_id)
        people = People(caller.session, [delivery.user_id for delivery, _ in found])
        return whole([_view(delivery, name, people.get(delivery.user_id), caller) for delivery, name in found])


def _view(delivery: Delivery, name: str, person: Person | None, caller: Caller) -> DeliveryView:
    may_see = delivery.user_id == caller.user_id or is_allowed(caller.user, Permission.ADMINISTER)
    address = KINDS[delivery.kind].shown(delivery.address) if may_see else f"…{delivery.address[-SHOWN_DIGITS:]}"
    states = [{"state": state, "at": at} for state, at in proof(delivery)]
    about = {"user": person, "name": name, "address": address, "states": states}
    return DeliveryView.model_validate({**delivery.model_dump(), **about})
