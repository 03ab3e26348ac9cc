"""My on-call: whether I am ready, my next shifts and my calendar; how I am reached; what lets me in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from notifiers.registry import set_up
from oncall.delivery.held import held_from
from oncall.delivery.our_card import our_addresses
from oncall.delivery.rules import plan
from oncall.models import ApiToken, ContactMethod, NotificationRule, Urgency
from oncall.people.contact_tests import last_tests, said_of
from oncall.rota import coverage
from oncall.rota.coverage import OnCall, with_people
from oncall.rota.following import Following, following
from oncall.rota.outlook import AHEAD, next_shifts
from web.edge import Caller, Page, PageEdge
from web.pages.me.absence_forms import away
from web.pages.me.notice_forms import told
from web.pages.me.readiness import ready
from web.pages.me.subscriptions import all_links
from web.pages.page import show
from web.pages.swaps.handing_over import away_now, leavings
from web.pages.swaps.shift_address import address_of

router = APIRouter(prefix="/me")

MOST_SHIFTS = 12


@router.get("")
def me(edge: Page) -> Response:
    with edge.reading() as caller:
        context = _my_shifts(edge, caller)
    return show(edge, caller, "me/me.html", context)


def _my_shifts(edge: PageEdge, caller: Caller) -> dict[str, Any]:
    methods, rules = _own(caller, ContactMethod), _own(caller, NotificationRule)
    shifts = with_people(caller.session, next_shifts(caller.session, caller.user.handle, caller.now, MOST_SHIFTS))
    follows = [
        each for each in following(caller.session, caller.user_id, caller.now) if each.start < caller.now + AHEAD
    ]
    absent, (links, others), tests = away(caller), all_links(edge, caller), last_tests(caller.session, methods)
    paged: list[OnCall | Following] = [*shifts[:1], *(each for each in follows if each.is_first)]
    return {
        **absent,
        **ready(caller, min(paged, key=_start, default=None), methods, rules, tests, absent, has_calendar=bool(links)),
        "names": coverage.names(caller.session),
        "days_ahead": AHEAD.days,
        "entries": sorted([*shifts, *follows], key=_start),
        "ask_for_cover": address_of,
        "away_now": away_now(caller),
        "leavings": leavings(caller, shifts),
        "held": held_from(caller.session, caller.user_id, caller.now),
        "links": links,
        "other_links": others,
    }


def _start(entry: OnCall | Following) -> datetime:
    return entry.start


@router.get("/reached")
def reached(edge: Page) -> Response:
    with edge.reading() as caller:
        methods = _own(caller, ContactMethod)
        rules = sorted(_own(caller, NotificationRule), key=lambda rule: rule.after_seconds)
        tests = last_tests(caller.session, methods)
        our_numbers, our_email = our_addresses(edge.runtime.settings)
        context = {
            **told(caller),
            "methods": methods,
            "tests": {number: (test, said_of(test)) for number, test in tests.items()},
            "kinds_set_up": set_up(edge.runtime.notifiers),
            "methods_by_id": {method.id: method for method in methods},
            "rules": {urgency: [rule for rule in rules if rule.urgency is urgency] for urgency in Urgency},
            "plans": {urgency: plan(methods, rules, urgency, caller.now) for urgency in Urgency},
            "our_numbers": our_numbers,
            "our_email": our_email,
        }
    return show(edge, caller, "me/my_reach.html", context)


@router.get("/access")
def access(edge: Page) -> Response:
    with edge.reading() as caller:
        context = my_access(caller)
    return show(edge, caller, "me/my_access.html", context)


def my_access(caller: Caller) -> dict[str, Any]:
    """Everything that the page shows."""
    return {"tokens": [token for token in _own(caller, ApiToken) if token.revoked_at is None]}


def _own(caller: Caller, table: Any) -> Sequence[Any]:
    return caller.session.exec(select(table).where(table.user_id == caller.user_id).order_by(col(table.id))).all()
