"""Shadow shifts as whoever follows sees them: with whom, and what it means. None of it is being on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from oncall.models import ShadowKind
from oncall.rota.coverage import Shadow, everybody, names, plans, shadows_of
from schedules.kept import final_shifts

MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class Following:
    """`people`: the names of those who are on the level meanwhile, by when they come."""

    schedule: str
    level: str
    start: datetime
    end: datetime
    is_first: bool
    """In reverse: paged before whoever is on call."""
    people: Sequence[str]

    @property
    def words(self) -> str:
        place, who = f"{self.schedule} {self.level}", _together(self.people)
        if self.is_first:
            return f"Paged first on {place}, with {who or 'nobody'} behind you"
        return f"Following {who} on {place}" if who else f"Following {place}, where nobody is on call"

    @property
    def hint(self) -> str:
        if self.is_first:
            return "Paged first, you answer what you can; whoever is on call is paged a minute later."
        return "Following, you get a copy of every page; you are never called, and nobody waits for your answer."


def _together(people: Sequence[str]) -> str:
    """All of two; of more the first two, and how many others."""
    shown, more = people[:MOST_NAMED], len(people) - MOST_NAMED
    return f"{', '.join(shown)} and {more} more" if more > 0 else " and ".join(shown)


def following(session: Session, user_id: int, after: datetime) -> list[Following]:
    """Somebody's shadow shifts that end after this, by start."""
    return [_following(session, each) for each in shadows_of(session, user_id, after)]


def _following(session: Session, shadow: Shadow) -> Following:
    own, called = everybody(session)[shadow.user_id], names(session)
    met = final_shifts(plans(session)[shadow.schedule], shadow.start, shadow.end)
    people = dict.fromkeys(shift.person for shift in met if shift.level == shadow.level)
    return Following(
        shadow.schedule,
        shadow.level,
        shadow.start,
        shadow.end,
        shadow.kind is ShadowKind.REVERSE,
        ["yourself" if person == own else called[person] for person in people],
    )
