"""Answering a page by the link in its message, without signing in: opening it only shows the alert, a button acts.

The address itself is the secret that lets somebody act, so no other site can send the form.
"""

import secrets
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from oncall.alerts import queries
from oncall.alerts.actions import get_alert
from oncall.alerts.listing import get_row
from oncall.delivery import replies
from oncall.delivery.answer_links import find_delivery
from oncall.delivery.carried import counts_told_of, oldest_told_of, place_told_of
from oncall.errors import BadInput
from oncall.escalation.progress import place_of
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Delivery, User
from oncall.running.runtime import Runtime
from web.pages.drafts import Said
from web.templating import render

router = APIRouter(prefix="/answer/{token}")

LONGEST_PRESS = 40
MOST_SHOWN = 100
SECRET = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@router.get("")
def ask(request: Request, token: str) -> Response:
    runtime: Runtime = request.app.state.runtime
    with runtime.database.read() as session:
        delivery = find_delivery(session, runtime.signer, token, runtime.clock())
        context = _about(session, delivery, runtime.clock())
    return _page(request, context)


@router.post("")
def answer(
    request: Request,
    token: str,
    action: Annotated[str, Form()] = "",
    press: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
) -> Response:
    """`press` stands for one press of a button: a form that is sent twice acts once. `place`: of the next steps,
    as it showed them.
    """
    runtime: Runtime = request.app.state.runtime
    now = runtime.clock()
    with runtime.database.transaction() as session:
        delivery = find_delivery(session, runtime.signer, token, now)
        if action not in replies.DO or not 0 < len(press) <= LONGEST_PRESS:
            raise BadInput("Open the link in the message again, and press one of its buttons.")
        done = replies.answer_link(session, delivery, action, press, place, now)
        context = _about(session, delivery, now, done)
    runtime.wake.set()
    return _page(request, context)


def _all_told(session: Session, delivery: Delivery) -> dict[str, Any]:
    """Of a message that tells of several alerts."""
    counts = counts_told_of(session, delivery)
    return {
        "told": queries.told_by(session, delivery, MOST_SHOWN),
        "count": counts.total(),
        "oldest": oldest_told_of(session, delivery),
        "waiting": counts[AlertStatus.TRIGGERED],
        "still_open": counts.total() - counts[AlertStatus.RESOLVED],
    }


def _page(request: Request, context: dict[str, Any]) -> Response:
    name = "answer_all" if "told" in context else "answer"
    return render(request, f"alerts/{name}.html", context, headers=SECRET)


def _about(session: Session, delivery: Delivery, now: datetime, done: str = "") -> dict[str, Any]:
    """What the page shows; `done` is what came of a button."""
    assert delivery.alert_id is not None
    found, person = get_alert(session, delivery.alert_id), session.get_one(User, delivery.user_id)
    return {
        **(_all_told(session, delivery) if delivery.carries else {}),
        "row": get_row(session, found),
        "place": place_told_of(session, delivery) if delivery.carries else place_of(found),
        "next_step": queries.next_step(session, found),
        "said_so_far": queries.said_so_far(session, found),
        "me": person,
        "zone": ZoneInfo(person.timezone),
        "now": now,
        "said": Said(done) if done else None,
        "press": secrets.token_urlsafe(9),
    }
