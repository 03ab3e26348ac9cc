"""Whose nights are broken: pages between 22:00 and 06:00 where the person lives, as the burden counts them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from oncall.reports.pages_taken import taken_by
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit, count_of
from oncall.reports.window import Window


@dataclass(frozen=True, slots=True)
class Row:
    """`nights`: in how many of them this person was paged, however often in one."""

    handle: str
    name: str
    timezone: str
    nights: int
    night_pages: int


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """Most nights first; without people who slept."""
    counted = taken_by(session, window.start, window.end)
    found = [
        Row(person.handle, person.name, person.timezone, counted[user_id].nights, counted[user_id].night_pages)
        for user_id, person in scope.people.items()
        if user_id in counted and counted[user_id].nights
    ]
    return sorted(found, key=lambda row: (-row.nights, -row.night_pages, row.handle))


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    lines = tuple(Line(row.name, (row.nights, row.night_pages)) for row in found)
    return Sheet("Person", ("Nights", "Pages at night"), lines, Unit.COUNT, Picture.BARS, _said(found))


def _said(found: Sequence[Row]) -> str:
    if not found:
        return ""
    people = count_of(len(found), "person was", "people were")
    nights, most = sum(row.nights for row in found), found[0]
    return f"{people} paged in {count_of(nights, 'night', 'nights')}, {most.name} in {most.nights}."
