"""All schedules as they stand now. Its filter is in the address, so that a list can be pasted to a colleague."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall.models import Schedule, Team
from oncall.planning.new_schedule import may_make
from oncall.rota.coverage import plan_of
from schedules.order import people
from web.edge import Caller, Page
from web.pages.page import show
from web.pages.schedules.cards import card_of

router = APIRouter(prefix="/schedules")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter as the address has it."""

    text: str
    team: str
    mine: bool

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.team or self.mine)

    @property
    def address(self) -> str:
        fields = {"q": self.text, "team": self.team, "mine": int(self.mine)}
        kept = {name: value for name, value in fields.items() if value}
        return f"/schedules?{urlencode(kept)}" if kept else "/schedules"


@router.get("")
def schedules(edge: Page, q: str = "", team: str = "", mine: str = "") -> Response:
    wanted = Wanted(q.strip()[:100], team, mine == "1")
    with edge.reading() as caller:
        teams = caller.session.exec(select(Team).order_by(col(Team.name))).all()
        rows = caller.session.exec(select(Schedule).order_by(col(Schedule.name))).all()
        cards = [
            card_of(caller.session, plan_of(caller.session, row), caller.now)
            for row in _fitting(caller, rows, teams, wanted)
        ]
        may = may_make(caller.session, caller.user)
    context = {
        "cards": cards,
        "wanted": wanted,
        "teams": [each.name for each in teams],
        "count": len(rows),
        "may_make": may,
    }
    return show(edge, caller, "schedules/schedules.html", context)


def _fitting(caller: Caller, rows: Iterable[Schedule], teams: Iterable[Team], wanted: Wanted) -> Sequence[Schedule]:
    team_ids = {team.id for team in teams if team.name == wanted.team}
    return [
        row
        for row in rows
        if wanted.text.casefold() in row.name.casefold()
        and (not wanted.team or row.team_id in team_ids)
        and (not wanted.mine or _has_turns(caller, row))
    ]


def _has_turns(caller: Caller, schedule: Schedule) -> bool:
    return any(caller.user.handle in people(rotation) for rotation in plan_of(caller.session, schedule).rotations)
