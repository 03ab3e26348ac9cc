"""Heartbeats: expected pings, and when the last one came."""

from datetime import datetime
from enum import StrEnum

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from oncall.auth.permissions import Permission, is_allowed
from oncall.errors import NotFound
from oncall.models import Heartbeat, Service
from web.addresses import base_url
from web.api.body import Listing, problems, whole
from web.edge import Api, Caller

router = APIRouter(prefix="/heartbeats", tags=["heartbeats"])


class HeartbeatStatus(StrEnum):
    NEW = "new"
    ALIVE = "alive"
    LATE = "late"


class HeartbeatView(BaseModel):
    name: str
    service: str
    status: HeartbeatStatus = Field(description="new: never pinged, so not late either.")
    every_seconds: int
    grace_seconds: int
    last_ping_at: datetime | None
    due_at: datetime | None = Field(description="When silence raises an alert; null while it is new or late.")
    url: str | None = Field(description="Where to ping. Null unless you are an admin.")


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
    may_see = is_allowed(caller.user, Permission.ADMINISTER)
    rows = caller.session.exec(select(Heartbeat, Service.name).join(Service).order_by(col(Heartbeat.name)))
    return [
        HeartbeatView.model_validate(
            {
                **heartbeat.model_dump(),
                "service": service,
                "status": _status(heartbeat, caller.now),
                "url": f"{base_url(edge)}/ping/{heartbeat.key}" if may_see else None,
            }
        )
        for heartbeat, service in rows
    ]


def _status(heartbeat: Heartbeat, now: datetime) -> HeartbeatStatus:
    if heartbeat.last_ping_at is None:
        return HeartbeatStatus.NEW
    return HeartbeatStatus.ALIVE if heartbeat.due_at is not None and now < heartbeat.due_at else HeartbeatStatus.LATE
