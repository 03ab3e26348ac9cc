"""Home: who is on call now, what is open, and what waits for whoever looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.alerts.by_hand import services_that_page
from oncall.alerts.listing import AlertFilter, count_open, list_alerts
from oncall.auth.permissions import Permission, is_allowed, manages
from oncall.models import ContactMethod, Role, Schedule, TeamMember, User
from oncall.pulse.fitness import why_no_engine
from oncall.rota.coverage import OnCall, with_people
from oncall.rota.following import Following, following
from oncall.rota.health import problem_counts
from oncall.rota.outlook import outlook
from web.edge import Caller, Page
from web.pages.page import show
from web.pages.schedules.cards import cards_of

router = APIRouter()

MOST_ALERTS = 30
MOST_COUNTED = 1000
FEW = 8
"""Schedules that are all shown as cards; of more, those of others are a list."""


@dataclass(frozen=True, slots=True)
class Mine:
    """What of the schedules is somebody's own."""

    schedules: frozenset[str]
    """Those in which they have shifts, that they follow, or whose team they are in."""
    runs: frozenset[str]
    """Those whose gaps are theirs to close."""
    next_shift: OnCall | None
    following: Sequence[Following]
    """The shadow shifts that run, and the next."""


@router.get("/")
def home(edge: Page) -> Response:
    with edge.reading() as caller:
        session, now = caller.session, caller.now
        cards, mine = cards_of(session, now), _mine(caller)
        own = [card for card in cards if card.name in mine.schedules or len(cards) <= FEW]
        context = {
            "cards": own,
            "others": [card for card in cards if card not in own],
            "alerts": list_alerts(session, AlertFilter(open_only=True), MOST_ALERTS),
            "count": count_open(session, MOST_COUNTED),
            "most": MOST_COUNTED,
            "mine": [on for card in cards for level in card.levels.values() for on in level if _is_of(on, caller)],
            "next_shift": mine.next_shift,
            "following": mine.following,
            "unverified": _unverified(caller),
            "to_mend": {name: count for name, count in problem_counts(session, now).items() if name in mine.runs},
            "no_engine": why_no_engine(session, now),
            "paged": services_that_page(session) if is_allowed(caller.user, Permission.ACT) else {},
        }
    return show(edge, caller, "home.html", context)


def _is_of(shift: OnCall, caller: Caller) -> bool:
    return shift.user_id == caller.user_id


def _mine(caller: Caller) -> Mine:
    shifts = outlook(caller.session, caller.now).of_person.get(caller.user.handle, [])
    teams = _teams(caller.session, caller.user)
    of_team = dict(caller.session.exec(select(Schedule.name, Schedule.team_id)).all())
    coming = with_people(caller.session, [shift for shift in shifts if shift.start > caller.now][:1])
    follows = following(caller.session, caller.user_id, caller.now)
    own = {shift.schedule for shift in shifts} | {each.schedule for each in follows}
    return Mine(
        frozenset(own | {name for name, team in of_team.items() if team in teams}),
        _run_by(caller.user, of_team, teams),
        coming[0] if coming else None,
        _soonest(follows, caller.now),
    )


def _soonest(follows: Sequence[Following], now: datetime) -> Sequence[Following]:
    running = sum(each.start <= now for each in follows)
    return follows[: running + 1]


def _teams(session: Session, user: User) -> dict[int | None, bool]:
    """Those that this person is in, and whether they manage it."""
    mine = select(TeamMember.team_id, manages(user)).where(TeamMember.user_id == user.id)
    return dict(session.exec(mine).all())


def _run_by(user: User, of_team: Mapping[str, int | None], teams: Mapping[int | None, bool]) -> frozenset[str]:
    return frozenset(name for name, team in of_team.items() if user.role is Role.ADMIN or teams.get(team))


def _unverified(caller: Caller) -> list[str]:
    """Names of contact methods that don't count yet."""
    waiting = select(ContactMethod.name).where(ContactMethod.user_id == caller.user_id)
    return list(caller.session.exec(waiting.where(col(ContactMethod.verified_at).is_(None))))
