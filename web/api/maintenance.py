"""Maintenance: windows in which a service's alerts, or those of all of a team's services, do not page."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.maintenance import windows
from oncall.maintenance.windows import NewWindow, WindowRow, WindowState
from oncall.models import Service, Team
from oncall.rota.feeds import find_team
from oncall.setup.integration_keys import find_service
from web.api.body import Body, Listing, Moment, problems, whole
from web.edge import Api, Caller

router = APIRouter(prefix="/maintenance", tags=["maintenance"])

MOST_SECONDS = 366 * 86400
Seconds = Annotated[int, Field(ge=1, le=MOST_SECONDS)]


class EndBody(Body):
    """When something ends: at a moment, or so many seconds from when it starts."""

    end: Moment | None = None
    seconds: Seconds | None = Field(None, description="In place of `end`: how long.")

    @model_validator(mode="after")
    def _says_when(self) -> "EndBody":
        if (self.end is None) == (self.seconds is None):
            raise ValueError("send “end” or “seconds”, one of the two")
        return self

    def at(self, start: datetime) -> datetime:
        return self.end if self.end is not None else start + timedelta(seconds=self.seconds or 0)


class WindowBody(EndBody):
    name: str = Field("", max_length=100, description="Made of what it is about and when, where it is left out.")
    service: str | None = None
    team: str | None = Field(None, description="In place of `service`: all of the team's services.")
    start: Moment | None = Field(None, description="Left out: now.")
    timezone: str | None = Field(None, description="On whose clocks it repeats and is shown. Left out: yours.")
    repeats: str | None = Field(
        None,
        max_length=200,
        description="daily, weekdays, weekly, monthly, yearly, or a rule of RFC 5545 such as FREQ=MONTHLY;BYDAY=1SU.",
    )
    reason: str = Field("", max_length=300)
    pages_critical: bool = Field(False, description="Alerts of the severity critical page all the same.")


class WindowView(BaseModel):
    name: str
    service: str | None
    team: str | None
    state: WindowState
    start: datetime = Field(description="Of the occurrence that is on or comes next; of the last one when it is over.")
    end: datetime
    timezone: str
    repeats: str | None
    reason: str
    pages_critical: bool
    alerts: int = Field(description="How many triggered in it and were not paged at once.")
    open_alerts: int = Field(description="How many of those are open.")

    @classmethod
    def of(cls, row: WindowRow) -> "WindowView":
        window = row.window
        return cls(
            name=window.name,
            service=row.service,
            team=row.team,
            state=row.state,
            start=row.span[0],
            end=row.span[1],
            timezone=window.timezone,
            repeats=window.repeats,
            reason=window.reason,
            pages_critical=window.pages_critical,
            alerts=row.held,
            open_alerts=row.still_open,
        )


@router.get("", summary="Maintenance windows: what is on, what comes, what is over", responses=problems(404))
def list_windows(
    edge: Api,
    service: Annotated[str | None, Query(description="Only those that are about this service.")] = None,
    state: Annotated[WindowState | None, Query(description="Only those.")] = None,
) -> Listing[WindowView]:
    with edge.reading() as caller:
        if service is not None:
            find_service(caller.session, service)
        rows = windows.list_windows(caller.session, caller.now, service=service or "")
        return whole([WindowView.of(row) for row in rows if state in (None, row.state)])


@router.post("", status_code=201, summary="Plan maintenance, or begin it now", responses=problems(400, 404, 409))
def add_window(edge: Api, body: WindowBody) -> WindowView:
    """Alerts that trigger meanwhile do not page; those that are still open when it ends are paged then."""
    with edge.writing(Permission.PLAN) as caller:
        start = body.start or caller.now
        wanted = NewWindow(
            _about(caller, body.service, body.team),
            start,
            body.at(start),
            body.timezone or caller.user.timezone,
            body.reason,
            body.repeats,
            body.pages_critical,
            body.name,
        )
        window = windows.plan_window(caller.session, caller.user, wanted, caller.now)
        return _view(caller, window.name)


@router.get("/{name}", summary="One maintenance window", responses=problems(404))
def get_window(edge: Api, name: str) -> WindowView:
    with edge.reading() as caller:
        return _view(caller, name)


@router.post("/{name}/end", summary="End it early: what it holds is paged now", responses=problems(404, 409))
def end_window(edge: Api, name: str) -> WindowView:
    """One that repeats comes again."""
    with edge.writing(Permission.PLAN) as caller:
        windows.end_window(caller.session, caller.user, name, caller.now)
        return _view(caller, name)


@router.post("/{name}/extend", summary="Let it end later, or earlier", responses=problems(400, 404, 409))
def extend_window(edge: Api, name: str, body: EndBody) -> WindowView:
    """The occurrence that is on, or comes next. `seconds` count from now."""
    with edge.writing(Permission.PLAN) as caller:
        windows.extend_window(caller.session, caller.user, name, body.at(caller.now), caller.now)
        return _view(caller, name)


@router.delete("/{name}", status_code=204, summary="Call it off for good", responses=problems(404))
def call_off(edge: Api, name: str) -> None:
    with edge.writing(Permission.PLAN) as caller:
        windows.call_off(caller.session, caller.user, name, caller.now)


def _about(caller: Caller, service: str | None, team: str | None) -> Service | Team:
    if (service is None) == (team is None):
        raise BadInput("Maintenance is of a service or of a team: send one of the two.", field="service")
    return find_service(caller.session, service) if service is not None else find_team(caller.session, team or "")


def _view(caller: Caller, name: str) -> WindowView:
    window = windows.find_window(caller.session, name)
    return next(
        WindowView.of(row) for row in windows.list_windows(caller.session, caller.now) if row.window.id == window.id
    )
