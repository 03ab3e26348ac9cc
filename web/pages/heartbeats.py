"""Heartbeats: which are late or failing, when each was last heard of, and for admins the address to ping."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission, is_allowed
from oncall.heartbeats import HeartbeatState, state_of
from oncall.models import Heartbeat, Service
from oncall.timeline import spell
from web.addresses import base_url
from web.edge import Caller, Page
from web.pages.page import show

router = APIRouter(prefix="/heartbeats")

WORST_FIRST = [
    *(HeartbeatState.FAILED, HeartbeatState.LATE, HeartbeatState.RUNNING),
    *(HeartbeatState.ALIVE, HeartbeatState.NEW, HeartbeatState.DISABLED),
]


@dataclass(frozen=True, slots=True)
class Shown:
    heartbeat: Heartbeat
    service: str
    state: HeartbeatState

    @property
    def every(self) -> str:
        grace = timedelta(seconds=self.heartbeat.grace_seconds)
        allowed = f", {spell(grace)} late at most" if grace else ""
        return f"every {spell(timedelta(seconds=self.heartbeat.every_seconds))}{allowed}"

    @property
    def lasted(self) -> str:
        seconds = self.heartbeat.last_run_seconds
        return "" if seconds is None else spell(timedelta(seconds=seconds))


@router.get("")
def heartbeats(edge: Page) -> Response:
    with edge.reading() as caller:
        shown = _shown(caller.session, caller)
        address = f"{base_url(edge)}/ping/" if is_allowed(caller.user, Permission.ADMINISTER) else ""
    return show(edge, caller, "heartbeats.html", {"heartbeats": shown, "address": address})


def _shown(session: Session, caller: Caller) -> list[Shown]:
    rows = session.exec(select(Heartbeat, Service.name).join(Service).order_by(col(Heartbeat.name)))
    shown = [Shown(heartbeat, service, state_of(heartbeat, caller.now)) for heartbeat, service in rows]
    return sorted(shown, key=lambda each: WORST_FIRST.index(each.state))
