"""Swaps: what waits for my answer, what I asked, what is settled; one swap with its story; and the answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.models import Swap, User
from oncall.people.people import find_user
from oncall.settings import Settings
from oncall.swaps import decide, queries
from oncall.swaps.queries import SwapFilter
from oncall.swaps.story import get_swap
from oncall.swaps.telling import question
from web.edge import Caller, Page
from web.ids import Id
from web.pages.page import back_to, carry_out, show
from web.pages.swaps.swap_cards import card, cards

router = APIRouter(prefix="/swaps")

MOST_SHOWN = 50
MOST_HISTORY = 30

Decide = Callable[[Session, Settings, int, User, User, datetime], Swap]


@router.get("")
def swaps(edge: Page) -> Response:
    with edge.reading() as caller:
        mine = cards(caller, SwapFilter(mine=caller.user_id), MOST_SHOWN + MOST_HISTORY)
        waiting = cards(caller, SwapFilter(waiting=caller.user_id), MOST_SHOWN)
        seen = {each.row.swap.id for each in waiting}
        rest = [each for each in mine if each.row.swap.id not in seen]
        context = {
            "waiting": waiting,
            "under_way": [each for each in rest if each.row.swap.state in ("offered", "running")],
            "history": [each for each in rest if each.row.swap.state not in ("offered", "running")][:MOST_HISTORY],
        }
    return show(edge, caller, "swaps/swaps.html", context)


@router.get("/{swap_id}")
def swap(edge: Page, swap_id: Id) -> Response:
    with edge.reading() as caller:
        found = get_swap(caller.session, swap_id)
        (row,) = queries.rows_of(caller.session, [found])
        zone = ZoneInfo(caller.user.timezone)
        context = {
            "card": card(caller.session, caller.user, row),
            "question": question(caller.session, found, [piece.piece for piece in row.pieces], zone),
            "events": queries.story(caller.session, swap_id),
        }
    return show(edge, caller, "swaps/swap.html", context)


@router.post("/{swap_id}/accept")
def accept(edge: Page, swap_id: Id, for_: Annotated[str, Form(alias="for")] = "") -> Response:
    return _decide(edge, swap_id, for_, decide.accept, "Agreed. Everybody concerned is told.")


@router.post("/{swap_id}/decline")
def decline(edge: Page, swap_id: Id, for_: Annotated[str, Form(alias="for")] = "") -> Response:
    return _decide(edge, swap_id, for_, decide.decline, "Noted, and whoever asked is told.")


@router.post("/{swap_id}/withdraw")
def withdraw(edge: Page, swap_id: Id, for_: Annotated[str, Form(alias="for")] = "") -> Response:
    return _decide(edge, swap_id, for_, decide.withdraw, "Taken back.")


def _decide(edge: Page, swap_id: int, for_: str, decided: Decide, said: str) -> Response:
    """`for_`: the handle of somebody absent, for whom a manager decides."""

    def work(caller: Caller) -> str:
        person = find_user(caller.session, for_) if for_ else caller.user
        decided(caller.session, edge.runtime.settings, swap_id, caller.user, person, caller.now)
        return said

    return carry_out(edge, Permission.PLAN, back_to("swaps", swap_id), work)
