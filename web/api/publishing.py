"""What is published of a schedule, and publishing it anew for the members there are now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.rota.horizon import check_may_publish, publish_anew, try_anew
from oncall.rota.plans import find_schedule
from schedules.compare import Move
from web.api.body import Confirm, Listing, problems
from web.edge import Api

router = APIRouter(prefix="/schedules/{name}/publishing", tags=["schedules"])


class MoveView(BaseModel):
    level: str
    start: datetime
    end: datetime
    loses: str | None = Field(description="Whose time it was; null where nobody was on call.")
    gains: str | None

    @classmethod
    def of(cls, move: Move) -> "MoveView":
        return cls(level=move.level, start=move.start, end=move.end, loses=move.loses, gains=move.gains)


class Moves(Listing[MoveView]):
    problems: list[str] = Field([], description="Of a plan: what it would make worse, which needs `confirm`.")


Plan = Annotated[bool, Query(description="Only say who would gain and who would lose.")]


@router.post("", summary="Publish the turns that have not begun anew", responses=problems(403, 404, 409))
def publish(edge: Api, name: str, plan: Plan = False, confirm: Confirm = False) -> Moves:
    """Members who joined come on at once instead of after the horizon. Answers who gains and who loses which time."""
    if plan:
        with edge.trying(Permission.LOOK) as caller:
            return _views(*try_anew(caller.session, find_schedule(caller.session, name), caller.now))
    with edge.writing(Permission.PLAN) as caller:
        schedule = find_schedule(caller.session, name)
        check_may_publish(caller.session, caller.user, schedule)
        return _views(publish_anew(caller.session, schedule, caller.now, confirm=confirm))


def _views(moves: Sequence[Move], problems: Sequence[str] = ()) -> Moves:
    return Moves(items=[MoveView.of(move) for move in moves], problems=list(problems))
