"""Heartbeats: expected pings, and when the last one came."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from oncall.auth.setup_rights import led_services
from oncall.errors import NotFound
from oncall.heartbeats import HeartbeatState, state_of
from oncall.models import Heartbeat, Service
from web.addresses import base_url
from web.api.body import Listing, problems, whole
from web.edge import Api, Caller

router = APIRouter(prefix="/heartbeats", tags=["heartbeats"])


class HeartbeatView(BaseModel):
    name: str
    description: str
    service: str
    status: HeartbeatState = Field(
        description="new: never pinged, so not late either. running: began and is not due yet. disabled: nobody waits."
    )
    every_seconds: int
    grace_seconds: int
    started_at: datetime | None = Field(description="When the run began that has not ended yet.")
    last_ping_at: datetime | None = Field(description="When a run last ended, well or not.")
    last_run_seconds: float | None = Field(description="How long the last run took that said when it began.")
    last_output: str | None = Field(description="The end of what came with the last signal.")
    down_since: datetime | None = Field(description="Since when it is late or failing.")
    due_at: datetime | None = Field(description="When silence raises an alert; null while nothing is waited for.")
    url: str | None = Field(description="Where to ping. Null unless you are an admin or manage the service's team.")


@router.get("", summary="Every heartbeat")
def list_heartbeats(edge: Api) -> Listing[HeartbeatView]:
    with edge.reading() as caller:
        return whole(_views(edge, caller))


@router.get("/{name}", summary="One heartbeat", responses=problems(404))
def get_heartbeat(edge: Api, name: str) -> HeartbeatView:
    with edge.reading() as caller:
        found = [view for view in _views(edge, caller) if view.name == name]
    if not found:
        raise NotFound(f"There is no heartbeat {name}.")
    return found[0]


def _views(edge: Api, caller: Caller) -> list[HeartbeatView]:
    mine = set(led_services(caller.session, caller.user))
    rows = caller.session.exec(select(Heartbeat, Service.name).join(Service).order_by(col(Heartbeat.name)))
    return [
        HeartbeatView.model_validate(
            {
                **heartbeat.model_dump(),
                "service": service,
                "status": state_of(heartbeat, caller.now),
                "url": f"{base_url(edge)}/ping/{heartbeat.key}" if service in mine else None,
            }
        )
        for heartbeat, service in rows
    ]
