"""The list of alerts. Its filter is in the address, so that a list can be pasted to a colleague."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.alerts import actions
from oncall.alerts.listing import LONGEST_TEXT, LOOKED_THROUGH, AlertFilter, Found, look_through, read_label
from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.lifecycle.alert import AlertStatus
from oncall.maintenance.windows import windows_in_force
from oncall.models import Service, Team, Urgency
from web.edge import Caller, Page, PageEdge
from web.ids import read_id
from web.pages.page import NotDone, carry_out, show
from web.pages.wall_clock import wall_clock
from web.same_site import local_path

router = APIRouter(prefix="/alerts")

PER_PAGE = 50
STATUSES = {"open": "Open", **{status.value: status.value.capitalize() for status in AlertStatus}, "all": "All"}


class Wanted(BaseModel):
    """The filter as the address has it. Times are on the reader's clock."""

    status: str = "open"
    service: str = ""
    team: str = ""
    urgency: str = ""
    q: str = ""
    mine: str = ""
    label: str = ""
    maintenance: str = ""
    since: str = Field("", alias="from")
    until: str = ""

    def filter(self, user_id: int, zone: ZoneInfo) -> AlertFilter:
        """Raises BadInput."""
        return AlertFilter(
            open_only=self.shown == "open",
            status=AlertStatus(self.status) if self.status in set(AlertStatus) else None,
            service=self.service or None,
            team=self.team or None,
            urgency=Urgency(self.urgency) if self.urgency in set(Urgency) else None,
            text=self.q.strip()[:LONGEST_TEXT],
            mine=user_id if self.mine == "1" else None,
            maintenance=self.maintenance or None,
            labels=dict([read_label(self.label)]) if self.label else {},
            since=_moment(self.since, zone, "the window of time begins", "from"),
            until=_moment(self.until, zone, "the window of time ends", "until"),
        )

    @property
    def shown(self) -> str:
        return self.status if self.status in STATUSES else "open"

    @property
    def narrows(self) -> dict[str, str]:
        """By what the list is narrowed, beside its status."""
        return {key: value for key, value in self.model_dump(by_alias=True, exclude={"status"}).items() if value}

    def address(self, **changes: object) -> str:
        """This list, or one that differs in `changes`; what is as usual is left out."""
        fields = {"status": self.shown, **self.narrows} | changes
        kept = {key: value for key, value in fields.items() if value and (key, value) != ("status", "open")}
        return f"/alerts?{urlencode(kept)}" if kept else "/alerts"

    @property
    def wide(self) -> str:
        """The same list without a filter."""
        return self.address(**dict.fromkeys(self.narrows, ""))


def _moment(text: str, zone: ZoneInfo, what: str, field: str) -> datetime | None:
    return wall_clock(text, zone, what, field) if text else None


@router.get("")
def alerts(edge: Page, wanted: Annotated[Wanted, Query()], before: str = "") -> Response:
    seen, problem = read_id(before), ""
    with edge.reading() as caller:
        try:
            found = _found(caller, wanted, seen)
        except BadInput as refused:
            found, problem = Found([]), refused.detail
        context = {
            "alerts": found.rows,
            "found": found,
            "wanted": wanted,
            "problem": problem,
            "choices": _choices(caller.session),
            "statuses": STATUSES,
            "seen": seen,
            "most": LOOKED_THROUGH,
            "windows": windows_in_force(caller.session, caller.now, wanted.service),
        }
    return show(edge, caller, "alerts/alerts.html", context, status=400 if problem else 200)


def _found(caller: Caller, wanted: Wanted, seen: int | None) -> Found:
    narrowed = wanted.filter(caller.user_id, ZoneInfo(caller.user.timezone))
    return look_through(caller.session, narrowed, PER_PAGE, seen)


def _choices(session: Session) -> dict[str, Sequence[str]]:
    """What can be chosen in the form, by the name of its field."""
    services = session.exec(select(Service.name).order_by(col(Service.name))).all()
    teams = session.exec(select(Team.name).order_by(col(Team.name))).all()
    return {"service": services, "team": teams, "urgency": [each.value for each in Urgency]}


@router.post("/acknowledge")
def acknowledge(
    edge: Page, alert: Annotated[list[str] | None, Form()] = None, back: Annotated[str, Form()] = ""
) -> Response:
    def work(caller: Caller, numbers: list[int]) -> str:
        acted = actions.acknowledge_all(caller.session, numbers, caller.actor, caller.now)
        waiting = actions.still_triggered(caller.session, acted)
        said = [f"{len(acted) - len(waiting)} acknowledged: you have {'it' if len(acted) == 1 else 'them'}."]
        said += [f"{len(waiting)} still need others to acknowledge too."] if waiting else []
        return " ".join([*said, *_left(numbers, acted, "somebody had already, or they are over")])

    return _act_on_several(edge, alert or [], back, work)


@router.post("/resolve")
def resolve(
    edge: Page, alert: Annotated[list[str] | None, Form()] = None, back: Annotated[str, Form()] = ""
) -> Response:
    def work(caller: Caller, numbers: list[int]) -> str:
        acted = actions.resolve_all(caller.session, numbers, caller.actor, caller.now)
        return " ".join([f"{len(acted)} resolved.", *_left(numbers, acted, "they were over already")])

    return _act_on_several(edge, alert or [], back, work)


def _left(numbers: Sequence[int], acted: Sequence[int], why: str) -> list[str]:
    count = len(set(numbers) - set(acted))
    return [f"{count} left as {'it was' if count == 1 else 'they were'}: {why}."] if count else []


def _act_on_several(edge: PageEdge, sent: list[str], back: str, work: Callable[[Caller, list[int]], str]) -> Response:
    def act(caller: Caller) -> str:
        numbers = [number for text in sent if (number := read_id(text))]
        return work(caller, numbers) if numbers else NotDone("Check the alerts that you mean, then choose what to do.")

    return carry_out(edge, Permission.ACT, _list_at(back), act)


def _list_at(address: str) -> str:
    """The list from which a form was sent, if it is one of ours."""
    local = local_path(address)
    return local if local.partition("?")[0] == "/alerts" else "/alerts"
