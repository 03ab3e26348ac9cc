"""Paging whoever is on call, with a sentence of text."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import select
from starlette.responses import Response

from oncall.alerts.by_hand import page_schedule, services_that_page
from oncall.alerts.event import SUMMARY_MAX
from oncall.auth.permissions import Permission
from oncall.errors import NotFound
from oncall.models import Schedule
from oncall.pulse.fitness import why_no_engine
from oncall.rota.coverage import plan_of
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, refuse, show
from web.pages.schedules.cards import card_of

router = APIRouter(prefix="/page")

LONGEST_PRESS = 40


@router.get("")
def choose(edge: Page, schedule: str = "") -> Response:
    with edge.reading(Permission.ACT) as caller:
        known = caller.session.exec(select(Schedule).where(Schedule.name == schedule)).first()
        context = {
            "names": sorted(services_that_page(caller.session)),
            "chosen": schedule,
            "card": card_of(caller.session, plan_of(caller.session, known), caller.now) if known else None,
            "no_engine": why_no_engine(caller.session, caller.now),
            "press": secrets.token_hex(16),
            "longest": SUMMARY_MAX,
        }
    return show(edge, caller, "alerts/page.html", context)


@router.post("")
def page(
    edge: Page,
    schedule: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    press: Annotated[str, Form(max_length=LONGEST_PRESS)] = "",
) -> Response:
    """`press` is of the form that was shown: sent twice, it pages once."""
    number: int | None = None

    def work(caller: Caller) -> str:
        nonlocal number
        key = press or secrets.token_hex(16)
        number, _ = page_schedule(caller.session, schedule, text, key, caller.actor, caller.now)
        return f"Whoever is on call for {schedule} is being paged: below you see who, and by what means."

    try:
        back = carry_out(edge, Permission.ACT, "/page", work, form="page")
    except NotFound as nobody:
        return refuse(edge, "/page", nobody, "page")
    if number is not None:
        back.headers["location"] = back_to("alerts", number)
    return back
