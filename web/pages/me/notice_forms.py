"""What I am told of my shifts: when, and what I was told last."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.delivery.outbox import Reach
from oncall.errors import BadInput
from oncall.notices.choices import MOST_AHEAD_HOURS, choose
from oncall.notices.queries import notices_of
from web.edge import Caller, Page
from web.pages.page import carry_out

router = APIRouter(prefix="/me")

HERE = "/me/reached#notices"
MOST_SHOWN = 10


def told(caller: Caller) -> dict[str, Any]:
    """What the page shows of it."""
    reach = Reach(caller.session)
    reach.load([caller.user_id])
    return {
        "notices": notices_of(caller.session, caller.user_id, MOST_SHOWN),
        "are_carried": reach.for_notices(caller.user_id, caller.now) is not None,
        "most_ahead_hours": MOST_AHEAD_HOURS,
    }


@router.post("/notices")
def set_choices(
    edge: Page,
    ahead_hours: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    weekly: Annotated[str, Form()] = "",
) -> Response:
    """A browser sends nothing for a box that is not ticked."""

    def work(caller: Caller) -> str:
        choose(
            caller.session,
            caller.user,
            ahead_hours=_hours(ahead_hours),
            start=bool(start),
            end=bool(end),
            weekly=bool(weekly),
        )
        return "Saved: you are told of your shifts this way from now on."

    return carry_out(edge, Permission.ACT, HERE, work, form="choose-notices")


def _hours(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise BadInput(f"Say how many hours ahead: a whole number from 0 to {MOST_AHEAD_HOURS}.", field="ahead_hours")
    return int(text)
