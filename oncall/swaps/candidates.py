"""Who could take something: everybody eligible, each with what speaks against it."""

from collections.abc import Sequence

from sqlmodel import Session

from oncall.models import SwapPiece
from oncall.rota.coverage import active
from oncall.swaps.rules import objections_by_person, windows_of
from schedules.swap_rules import ASKED_BY_OTHERS, Strictness
from schedules.swaps import Ground


def candidates(
    session: Session, rows: Sequence[SwapPiece], known: Ground, strict: Strictness = ASKED_BY_OTHERS
) -> dict[int, list[str]]:
    """Of all who are eligible for every piece and do not give it, by id and in the order of their names: why they
    can't; empty is no objection."""
    places = {(window.schedule.name, window.level) for window in windows_of(session, rows)}
    handles = set.intersection(*(set(known.eligible[place]) for place in places))
    givers = {row.giver_id for row in rows}
    people = [each.id for each in active(session) if each.handle in handles and each.id not in givers]
    return objections_by_person(session, people, rows, known, strict)
