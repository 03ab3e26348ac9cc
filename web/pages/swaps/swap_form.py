"""The form that asks for a swap: of one shift or several, whole or in part, in one's own name or somebody absent's."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.models import SwapKind, User
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule
from oncall.swaps.offer import Request, offer
from oncall.swaps.parts import Part
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, lead_to, show
from web.pages.swaps.shift_address import read_back, read_fields, read_value
from web.pages.swaps.swap_choices import about, choice
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/swaps")


class Sent(BaseModel):
    """`person`: whose shift it is. `also`, `in_return`: values of `shift_address`. `back`: the form's own query."""

    schedule: str = ""
    level: str = ""
    start: str = ""
    end: str = ""
    person: str = ""
    also: list[str] = []
    in_return: list[str] = []
    to: list[str] = []
    for_: str = Field("", alias="for")
    note: str = ""
    expires: str = ""
    back: str = ""


@router.get("/new")
def form(
    edge: Page,
    schedule: str = "",
    level: str = "",
    start: str = "",
    end: str = "",
    person: str = "",
    for_: Annotated[str, Query(alias="for")] = "",
) -> Response:
    """For one shift, which the address names; without one, the shifts to choose from."""
    with edge.reading(Permission.PLAN) as caller:
        if not schedule:
            return show(edge, caller, "swaps/swap_choice.html", choice(caller))
        named = read_fields(caller.session, schedule, level, start, end, person)
        context = about(caller, named, _asker(caller, for_))
    return show(edge, caller, "swaps/swap_form.html", context)


@router.post("")
def ask(edge: Page, sent: Annotated[Sent, Form()]) -> Response:
    made: list[int] = []

    def work(caller: Caller) -> None:
        asker = _asker(caller, sent.for_)
        settings = edge.runtime.settings
        swap = offer(caller.session, settings, caller.user, asker, _request(caller, sent, asker), caller.now)
        made.append(swap.id or 0)

    answer = carry_out(edge, Permission.PLAN, f"/swaps/new?{sent.back}", work, form="ask-for-swap")
    if made:
        return lead_to(back_to("swaps", made[0]), "Asked, and told. You hear as soon as somebody answers.")
    return answer


def _asker(caller: Caller, handle: str) -> User:
    return find_user(caller.session, handle) if handle else caller.user


def _request(caller: Caller, sent: Sent, asker: User) -> Request:
    """Mine is given, or traded for what comes in return; somebody else's is taken from them."""
    session, zone = caller.session, ZoneInfo(caller.user.timezone)
    shown = read_back(session, sent.back) if sent.back else None
    times = (
        wall_clock(sent.start, zone, "it begins", "start", shown.start if shown else None),
        wall_clock(sent.end, zone, "it ends", "end", shown.end if shown else None),
    )
    back = [read_value(session, value) for value in sent.in_return]
    is_take = sent.person not in ("", asker.handle)
    to = [sent.person] if is_take else list(dict.fromkeys(named.person for named in back)) or sent.to
    return Request(
        SwapKind.TAKE if is_take else SwapKind.TRADE if back else SwapKind.GIVE,
        [
            Part(find_schedule(session, sent.schedule), sent.level, *times),
            *(read_value(session, value).part for value in sent.also),
        ],
        [named.part for named in back],
        [find_user(session, handle) for handle in to] or None,
        sent.note,
        wall_clock(sent.expires, zone, "the time to answer ends", "expires") if sent.expires else None,
    )
