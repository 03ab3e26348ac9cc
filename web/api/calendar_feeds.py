"""The caller's calendar links."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from oncall import feeds
from oncall.auth.permissions import Permission
from oncall.errors import BadInput, NotFound
from oncall.models import CalendarFeed, Schedule
from oncall.plans import find_schedule
from web.api.addresses import base_url
from web.api.body import Body, Id, Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/calendar-feeds", tags=["calendars"])


class FeedBody(Body):
    schedule: str | None = Field(None, description="Left out: your own shifts on every schedule.")
    level: str | None = Field(None, description="Left out: every level of the schedule.")


class FeedView(BaseModel):
    id: int
    schedule: str | None
    level: str | None
    url: str = Field(description="To subscribe to. Whoever has it can read the shifts.")
    webcal_url: str = Field(description="Opens a calendar program.")
    created_at: datetime


@router.get("", summary="My calendar links")
def list_feeds(edge: Api) -> Listing[FeedView]:
    with edge.reading() as caller:
        rows = caller.session.exec(
            select(CalendarFeed, Schedule.name)
            .outerjoin(Schedule, col(Schedule.id) == col(CalendarFeed.schedule_id))
            .where(CalendarFeed.owner_id == caller.user_id, col(CalendarFeed.revoked_at).is_(None))
            .order_by(col(CalendarFeed.id))
        )
        return whole([_view(edge, feed, schedule) for feed, schedule in rows])


@router.post(
    "", status_code=201, summary="Make a calendar link, or show the one there is", responses=problems(400, 404)
)
def add_feed(edge: Api, body: FeedBody) -> FeedView:
    if body.level is not None and body.schedule is None:
        raise BadInput("Say of which schedule this level is.", field="schedule")
    with edge.writing(Permission.ACT) as caller:
        schedule = find_schedule(caller.session, body.schedule) if body.schedule is not None else None
        feed = feeds.open_feed(caller.session, caller.user, caller.now, schedule, body.level)
        return _view(edge, feed, body.schedule)


@router.delete("/{feed_id}", status_code=204, summary="Revoke a calendar link", responses=problems(404))
def revoke_feed(edge: Api, feed_id: Id) -> None:
    with edge.writing(Permission.ACT) as caller:
        feed = caller.session.get(CalendarFeed, feed_id)
        if feed is None or feed.owner_id != caller.user_id or feed.revoked_at is not None:
            raise NotFound("You have no such calendar link.")
        feed.revoked_at = caller.now
        caller.session.add(feed)


def _view(edge: Api, feed: CalendarFeed, schedule: str | None) -> FeedView:
    url = f"{base_url(edge)}/ical/{feeds.token_of(edge.runtime.signer, feed)}.ics"
    return FeedView(
        id=feed.id or 0,
        schedule=schedule,
        level=feed.level,
        url=url,
        webcal_url=f"webcal{url.removeprefix('https').removeprefix('http')}",
        created_at=feed.created_at,
    )
