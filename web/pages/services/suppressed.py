"""What rules of routing have suppressed: counted by rule, and the last events themselves."""

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall.ingest.registry import TOOLS
from oncall.models import Service, Team
from oncall.models.service import IN_USE
from oncall.setup.team_keys import list_suppressed, list_team_keys
from web.edge import Page
from web.pages.page import show

router = APIRouter()

MOST = 200


@router.get("/suppressed")
def suppressed(edge: Page) -> Response:
    with edge.reading() as caller:
        keys = list_team_keys(caller.session)
        events = list_suppressed(caller.session, limit=MOST)
        context = {
            "keys": keys,
            "events": events,
            "names": {row.key.id: row for row in keys},
            "most": MOST,
            "teams": caller.session.exec(select(Team.name).order_by(col(Team.name))).all(),
            "services": caller.session.exec(select(Service.name).where(IN_USE).order_by(col(Service.name))).all(),
            "tools": sorted(TOOLS.items(), key=lambda row: row[1].title.lower()),
        }
    return show(edge, caller, "services/suppressed.html", context)
