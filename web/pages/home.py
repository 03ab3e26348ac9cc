"""Home: who is on call now, and what is open."""

from fastapi import APIRouter
from starlette.responses import Response

from oncall.alerts.queries import AlertFilter, list_alerts
from oncall.health import problem_counts
from oncall.pulse.fitness import why_no_engine
from web.edge import Page
from web.pages.cards import cards_of
from web.pages.page import show

router = APIRouter()

MOST_ALERTS = 30


@router.get("/")
def home(edge: Page) -> Response:
    with edge.reading() as caller:
        cards = cards_of(caller.session, caller.now)
        alerts = list_alerts(caller.session, AlertFilter(open_only=True), MOST_ALERTS + 1)
        to_mend = problem_counts(caller.session, caller.now)
        no_engine = why_no_engine(caller.session, caller.now)
    mine = [shift for card in cards for on in card.levels.values() for shift in on if shift.user_id == caller.user_id]
    context = {
        "cards": cards,
        "alerts": alerts[:MOST_ALERTS],
        "is_more": len(alerts) > MOST_ALERTS,
        "mine": mine,
        "to_mend": to_mend,
        "no_engine": no_engine,
    }
    return show(edge, caller, "home.html", context)
