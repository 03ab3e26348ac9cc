"""Calendar links: shown with https and webcal, made and revoked by their owner."""

from dataclasses import dataclass

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall import feeds
from oncall.auth.permissions import Permission
from oncall.errors import NotFound
from oncall.models import CalendarFeed, Schedule
from oncall.plans import find_schedule
from web.edge import Caller, Page, PageEdge
from web.ids import Id
from web.pages.page import back_to, carry_out

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Link:
    """`level` None: all levels, or a person's own shifts."""

    feed_id: int
    level: str | None
    https: str

    @property
    def webcal(self) -> str:
        """Opens the calendar application, which subscribes."""
        return "webcal:" + self.https.partition(":")[2]


def links_of(edge: PageEdge, caller: Caller, schedule: Schedule | None) -> list[Link]:
    """The caller's links to a schedule and its levels, or to their own shifts."""
    base = edge.runtime.settings.public_url or str(edge.request.base_url).rstrip("/")
    statement = select(CalendarFeed).where(
        CalendarFeed.owner_id == caller.user_id,
        CalendarFeed.schedule_id == (schedule.id if schedule else None),
        col(CalendarFeed.revoked_at).is_(None),
    )
    found = caller.session.exec(statement.order_by(col(CalendarFeed.id))).all()
    return [
        Link(feed.id or 0, feed.level, f"{base}/ical/{feeds.token_of(edge.runtime.signer, feed)}.ics") for feed in found
    ]


@router.post("/schedules/{name}/subscribe")
def subscribe(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> None:
        schedule = find_schedule(caller.session, name)
        for level in [None, *schedule.levels]:
            feeds.open_feed(caller.session, caller.user, caller.now, schedule, level)

    return carry_out(edge, Permission.ACT, back_to("schedules", name, fragment="subscribe"), work)


@router.post("/me/calendar")
def open_mine(edge: Page) -> Response:
    def work(caller: Caller) -> None:
        feeds.open_feed(caller.session, caller.user, caller.now)

    return carry_out(edge, Permission.ACT, "/me#calendar", work)


@router.post("/me/calendar/{feed_id}/renew")
def renew(edge: Page, feed_id: Id) -> Response:
    def work(caller: Caller) -> str:
        _revoke(caller.session, caller, feed_id)
        feeds.open_feed(caller.session, caller.user, caller.now)
        return "Here is a new link. The old one no longer works: subscribe again where you used it."

    return carry_out(edge, Permission.ACT, "/me#calendar", work)


@router.post("/me/calendar/{feed_id}/revoke")
def revoke(edge: Page, feed_id: Id) -> Response:
    def work(caller: Caller) -> str:
        _revoke(caller.session, caller, feed_id)
        return "The calendar link no longer works."

    return carry_out(edge, Permission.ACT, "/me#calendar", work)


def _revoke(session: Session, caller: Caller, feed_id: int) -> None:
    feed = session.get(CalendarFeed, feed_id)
    if feed is None or feed.owner_id != caller.user_id:
        raise NotFound("You have no such calendar link.")
    feed.revoked_at = feed.revoked_at or caller.now
    session.add(feed)
    session.flush()
