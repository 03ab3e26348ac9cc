"""Calendar links: shown with https and webcal, made and revoked by their owner."""

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import NotFound
from oncall.models import CalendarFeed, Schedule, Team
from oncall.rota import feeds
from oncall.rota.plans import find_schedule
from web.calendar_links import CalendarLink, link_to
from web.edge import Caller, Page, PageEdge
from web.ids import Id
from web.pages.page import back_to, carry_out

router = APIRouter()


def all_links(edge: PageEdge, caller: Caller) -> tuple[list[CalendarLink], list[CalendarLink]]:
    """To my own shifts; to schedules, levels and teams."""
    mine: list[CalendarLink] = []
    others: list[CalendarLink] = []
    for feed in feeds.feeds_of(caller.session, caller.user):
        is_own = feed.schedule_id is None and feed.team_id is None
        (mine if is_own else others).append(link_to(edge, caller.session, feed))
    return mine, others


def schedule_links(edge: PageEdge, caller: Caller, schedule: Schedule) -> list[CalendarLink]:
    """To a schedule, to its levels, and to everything that its team answers for."""

    def is_wanted(feed: CalendarFeed) -> bool:
        return feed.schedule_id == schedule.id or (feed.team_id is not None and feed.team_id == schedule.team_id)

    mine = feeds.feeds_of(caller.session, caller.user)
    return [link_to(edge, caller.session, feed) for feed in mine if is_wanted(feed)]


@router.post("/schedules/{name}/subscribe")
def subscribe(edge: Page, name: str) -> Response:
    """Makes the links to the schedule, to each level, and to its team."""

    def work(caller: Caller) -> None:
        session, schedule = caller.session, find_schedule(caller.session, name)
        for level in [None, *schedule.levels]:
            feeds.open_feed(session, caller.user, caller.now, schedule, level)
        if schedule.team_id is not None:
            feeds.open_feed(session, caller.user, caller.now, team=session.get_one(Team, schedule.team_id))

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
