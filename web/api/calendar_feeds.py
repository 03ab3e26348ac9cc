"""The caller's calendar links."""

from datetime import datetime
from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from sqlmodel import Session

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.models import CalendarFeed, Schedule, Team
from oncall.rota import feeds
from oncall.rota.plans import find_schedule
from web.api.body import Body, Id, Listing, problems, whole
from web.calendar_links import link_to
from web.edge import Api

router = APIRouter(prefix="/calendar-feeds", tags=["calendars"])


class FeedBody(Body):
    """Whose shifts. Nothing named: your own on every schedule."""

    team: str | None = Field(None, description="The shifts of all schedules of this team, whoever serves on them.")
    schedule: str | None = None
    level: str | None = Field(None, description="Of the schedule. Left out: every level.")

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if self.team is not None and self.schedule is not None:
            raise ValueError("name a team or a schedule, not both")
        return self


class FeedView(BaseModel):
    id: int
    team: str | None
    schedule: str | None
    level: str | None
    url: str = Field(description="To subscribe to. Whoever has it can read the shifts.")
    webcal_url: str = Field(description="Opens a calendar program.")
    google_url: str = Field(description="Opens Google Calendar.")
    outlook_url: str = Field(description="Opens Outlook on the web.")
    created_at: datetime


@router.get("", summary="My calendar links")
def list_feeds(edge: Api) -> Listing[FeedView]:
    with edge.reading() as caller:
        return whole([_view(edge, caller.session, feed) for feed in feeds.feeds_of(caller.session, caller.user)])


@router.post(
    "", status_code=201, summary="Make a calendar link, or show the one there is", responses=problems(400, 404)
)
def add_feed(edge: Api, body: FeedBody) -> FeedView:
    if body.level is not None and body.schedule is None:
        raise BadInput("Say of which schedule this level is.", field="schedule")
    with edge.writing(Permission.ACT) as caller:
        session = caller.session
        schedule = find_schedule(session, body.schedule) if body.schedule is not None else None
        team = feeds.find_team(session, body.team) if body.team is not None else None
        feed = feeds.open_feed(session, caller.user, caller.now, schedule, body.level, team=team)
        return _view(edge, session, feed)


@router.delete("/{feed_id}", status_code=204, summary="Revoke a calendar link", responses=problems(404))
def revoke_feed(edge: Api, feed_id: Id) -> None:
    with edge.writing(Permission.ACT) as caller:
        feeds.revoke_feed(caller.session, caller.user, feed_id, caller.now)


def _view(edge: Api, session: Session, feed: CalendarFeed) -> FeedView:
    link = link_to(edge, session, feed)
    return FeedView(
        id=link.feed_id,
        team=session.get_one(Team, feed.team_id).name if feed.team_id else None,
        schedule=session.get_one(Schedule, feed.schedule_id).name if feed.schedule_id else None,
        level=feed.level,
        url=link.https,
        webcal_url=link.webcal,
        google_url=link.google,
        outlook_url=link.outlook,
        created_at=feed.created_at,
    )
