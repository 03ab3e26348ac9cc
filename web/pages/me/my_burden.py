"""What I carry beside what the others on my schedules carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from fastapi import APIRouter
from sqlmodel import select
from starlette.responses import Response

from oncall.models import Rotation, Schedule
from oncall.models.schedule import CURRENT
from oncall.reports.burden import USUAL_WINDOW, PersonBurden, burdens
from oncall.rota import coverage
from web.edge import Caller, Page
from web.pages.page import show

router = APIRouter(prefix="/me")

MEASURES = {
    "total_hours": "hours on call",
    "night_hours": "of them by night",
    "weekend_hours": "of them at weekends",
    "pages": "pages",
    "night_pages": "of them by night",
}


@dataclass(frozen=True, slots=True)
class Measure:
    words: str
    mine: float
    usual: float
    """The median of everybody in the rotation."""
    most: float


@router.get("/burden")
def my_burden(edge: Page) -> Response:
    with edge.reading() as caller:
        start = caller.now - USUAL_WINDOW
        found = {name: burdens(caller.session, start, caller.now, name) for name in _my_schedules(caller)}
        context = {
            "start": start,
            "schedules": {name: (_measures(people, caller.user.handle), len(people)) for name, people in found.items()},
        }
    return show(edge, caller, "me/my_burden.html", context)


def _my_schedules(caller: Caller) -> list[str]:
    """In which I take turns now, by name."""
    members = coverage.members(caller.session)
    rows = caller.session.exec(select(Schedule.name, Rotation).join(Rotation).where(CURRENT))
    return sorted({name for name, rotation in rows if caller.user.handle in members.people(rotation)})


def _measures(people: Sequence[PersonBurden], handle: str) -> list[Measure]:
    mine = next(person for person in people if person.handle == handle)
    return [_measure(people, mine, field) for field in MEASURES]


def _measure(people: Sequence[PersonBurden], mine: PersonBurden, field: str) -> Measure:
    values = [float(getattr(person, field)) for person in people]
    return Measure(MEASURES[field], float(getattr(mine, field)), median(values), max(1.0, *values))
