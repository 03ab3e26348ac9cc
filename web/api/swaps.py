"""Swaps: asked for, answered, taken back. And taking over now, and out of reach, which nobody need agree to first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.models import Swap, SwapKind, User
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule
from oncall.settings import Settings
from oncall.swaps import decide, queries
from oncall.swaps.offer import MOST_INVITED, Request, offer
from oncall.swaps.out_of_reach import go_out_of_reach
from oncall.swaps.parts import LONGEST_NOTE, MOST_PIECES, Part
from oncall.swaps.queries import SwapFilter
from oncall.swaps.story import get_swap
from oncall.swaps.take_now import take_now
from web.api.body import After, Body, Id, Limit, Listing, Moment, page, problems
from web.api.swap_views import SwapEventView, SwapStory, SwapView
from web.edge import Api, ApiEdge, Caller

router = APIRouter(prefix="/swaps", tags=["swaps"])
out_of_reach = APIRouter(prefix="/out-of-reach", tags=["swaps"])

Decide = Callable[[Session, Settings, int, User, User, datetime], Swap]
IN_WHOSE_NAME = "Handle of somebody absent, in whose name a manager of the schedule's team or an admin does it."


class PieceBody(Body):
    schedule: str
    level: str
    start: Moment | None = Field(None, description="What has begun goes from now on. Left out (take_now): now.")
    end: Moment | None = Field(None, description="Left out (take_now): when the shift ends.")


class SwapBody(Body):
    kind: SwapKind = Field(
        description="give: my pieces to whoever agrees first. take: somebody's pieces to me, if they agree. trade: my"
        " pieces for those in_return, if the other agrees. take_now: one piece, at once, without asking."
    )
    pieces: list[PieceBody] = Field(min_length=1, max_length=MOST_PIECES)
    in_return: list[PieceBody] = Field([], max_length=MOST_PIECES, description="trade: the other person's pieces.")
    to: list[str] | None = Field(
        None,
        max_length=MOST_INVITED,
        description="Handles. give: whom to ask; left out: everybody eligible. take_now: whom you believe to relieve.",
    )
    for_: str | None = Field(None, alias="for", description=IN_WHOSE_NAME)
    note: str = Field("", max_length=LONGEST_NOTE)
    expires: Moment | None = Field(None, description="Left out: when its first piece begins.")


class DecisionBody(Body):
    for_: str | None = Field(None, alias="for", description=IN_WHOSE_NAME)


class OutOfReachBody(Body):
    schedule: str
    level: str | None = Field(None, description="Left out: the one you are on.")
    minutes: int = Field(30, description="1 to 240.")
    to: str | None = Field(None, description="Handle of who covers. Left out: whoever is on another level.")
    note: str = Field("", max_length=LONGEST_NOTE)


@router.get("", summary="Swaps, newest first", responses=problems(404))
def list_swaps(
    edge: Api,
    mine: Annotated[bool, Query(description="Only those that you asked for, are asked, give or take.")] = False,
    is_open: Annotated[bool, Query(alias="open", description="Only those that are still under way.")] = False,
    schedule: Annotated[str | None, Query(description="Only of this schedule.")] = None,
    cursor: After = None,
    limit: Limit = 100,
) -> Listing[SwapView]:
    with edge.reading() as caller:
        schedule_id = find_schedule(caller.session, schedule).id if schedule is not None else None
        wanted = SwapFilter(open_only=is_open, mine=caller.user_id if mine else None, schedule=schedule_id)
        rows = queries.list_swaps(caller.session, wanted, limit, before=cursor)
        return page([SwapView.of(row) for row in rows], limit, rows and rows[-1].swap.id)


@router.post("", status_code=201, summary="Ask for a swap, or take over now", responses=problems(400, 404, 409))
def add_swap(edge: Api, body: SwapBody) -> SwapStory:
    """The rules are checked now, and again when somebody accepts; accepted, all pieces change hands at once."""
    with edge.writing(Permission.PLAN) as caller:
        made = _take_now if body.kind is SwapKind.TAKE_NOW else _offer
        return _story(caller, made(edge, caller, body))


@router.get("/{swap_id}", summary="One swap and its story", responses=problems(404))
def get_one(edge: Api, swap_id: Id) -> SwapStory:
    with edge.reading() as caller:
        return _story(caller, get_swap(caller.session, swap_id))


@router.post("/{swap_id}/accept", summary="Agree to a swap", responses=problems(400, 404, 409))
def accept(edge: Api, swap_id: Id, body: DecisionBody | None = None) -> SwapStory:
    """Whoever is first has it; 409 tells everybody else who was."""
    return _decide(edge, swap_id, body, decide.accept)


@router.post("/{swap_id}/decline", summary="Say no to a swap", responses=problems(400, 404, 409))
def decline(edge: Api, swap_id: Id, body: DecisionBody | None = None) -> SwapStory:
    """Out of reach: refuse to cover, which ends it at once."""
    return _decide(edge, swap_id, body, decide.decline)


@router.post("/{swap_id}/withdraw", summary="Take a request back", responses=problems(400, 404, 409))
def withdraw(edge: Api, swap_id: Id, body: DecisionBody | None = None) -> SwapStory:
    """Out of reach: I am back sooner."""
    return _decide(edge, swap_id, body, decide.withdraw)


@out_of_reach.post("", status_code=201, summary="Out of reach for a while", responses=problems(400, 404, 409))
def add_out_of_reach(edge: Api, body: OutOfReachBody) -> SwapStory:
    """Hands your level over at once; it comes back by itself. End it sooner with `/swaps/{id}/withdraw`."""
    with edge.writing(Permission.PLAN) as caller:
        schedule = find_schedule(caller.session, body.schedule)
        cover = find_user(caller.session, body.to, "to") if body.to is not None else None
        length = timedelta(minutes=max(min(body.minutes, 10**6), 0))
        settings = edge.runtime.settings
        return _story(
            caller,
            go_out_of_reach(
                caller.session, settings, caller.user, schedule, body.level, length, cover, caller.now, body.note
            ),
        )


def _offer(edge: ApiEdge, caller: Caller, body: SwapBody) -> Swap:
    asker = find_user(caller.session, body.for_, "for") if body.for_ is not None else caller.user
    wanted = Request(
        kind=body.kind,
        pieces=_parts(caller.session, body.pieces, "pieces"),
        in_return=_parts(caller.session, body.in_return, "in_return"),
        to=[find_user(caller.session, handle, "to") for handle in body.to] if body.to is not None else None,
        note=body.note,
        expires=body.expires,
    )
    return offer(caller.session, edge.runtime.settings, caller.user, asker, wanted, caller.now)


def _take_now(edge: ApiEdge, caller: Caller, body: SwapBody) -> Swap:
    if len(body.pieces) != 1 or body.in_return or (body.to and len(body.to) != 1):
        raise BadInput("Taking over now is about one level and whoever has it now.", field="pieces")
    if body.for_ is not None:
        raise BadInput("Everybody takes over for themselves: put somebody else on by an override.", field="for")
    (one,) = body.pieces
    schedule = find_schedule(caller.session, one.schedule)
    relieved = find_user(caller.session, body.to[0], "to") if body.to else None
    settings = edge.runtime.settings
    return take_now(caller.session, settings, caller.user, schedule, one.level, one.end, relieved, caller.now)


def _decide(edge: ApiEdge, swap_id: int, body: DecisionBody | None, decided: Decide) -> SwapStory:
    with edge.writing(Permission.PLAN) as caller:
        person = find_user(caller.session, body.for_, "for") if body and body.for_ is not None else caller.user
        return _story(caller, decided(caller.session, edge.runtime.settings, swap_id, caller.user, person, caller.now))


def _parts(session: Session, pieces: list[PieceBody], field: str) -> list[Part]:
    found = []
    for i, one in enumerate(pieces):
        if one.start is None or one.end is None:
            missing = "start" if one.start is None else "end"
            raise BadInput("Say from when until when.", field=f"{field}[{i}].{missing}")
        found.append(Part(find_schedule(session, one.schedule), one.level, one.start, one.end))
    return found


def _story(caller: Caller, swap: Swap) -> SwapStory:
    (row,) = queries.rows_of(caller.session, [swap])
    events = [SwapEventView.of(*event) for event in queries.story(caller.session, swap.id or 0)]
    return SwapStory(**SwapView.of(row).model_dump(), events=events)
