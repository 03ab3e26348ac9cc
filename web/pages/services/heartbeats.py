"""Heartbeats: which are late or failing, when each was last heard of; for who runs the service, the address to ping."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.auth.setup_rights import check_edits_heartbeat, led_services
from oncall.errors import NotFound
from oncall.heartbeats import HeartbeatState, delete, state_of
from oncall.models import Heartbeat, Service
from oncall.timeline import spell
from web.addresses import base_url
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, show

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
    may_edit: bool
    """And see where to ping."""

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
        mine = set(led_services(caller.session, caller.user))
        context = {"heartbeats": _shown(caller, mine), "may_make": bool(mine), "address": f"{base_url(edge)}/ping/"}
    return show(edge, caller, "services/heartbeats.html", context)


def _shown(caller: Caller, mine: Collection[str]) -> list[Shown]:
    rows = caller.session.exec(select(Heartbeat, Service.name).join(Service).order_by(col(Heartbeat.name)))
    shown = [Shown(each, service, state_of(each, caller.now), service in mine) for each, service in rows]
    return sorted(shown, key=lambda each: WORST_FIRST.index(each.state))


@router.post("/{name}/delete")
def delete_heartbeat(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        check_edits_heartbeat(caller.session, caller.user, name)
        found = caller.session.exec(select(Heartbeat).where(Heartbeat.name == name)).first()
        if found is None:
            raise NotFound(f"There is no heartbeat {name}.")
        delete(caller.session, found, caller.now)
        return f"{name} is deleted. Whatever pings it still is told that nobody has that key."

    return carry_out(edge, Permission.ACT, back_to("heartbeats"), work)
