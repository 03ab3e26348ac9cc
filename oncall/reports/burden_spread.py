"""How evenly being on call is spread: what each person carried beside what the one in the middle did."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from oncall.reports.burden import PersonBurden, burdens
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit, count_of, middle
from oncall.reports.window import Window


@dataclass(frozen=True, slots=True)
class Row:
    """Hours are decimal, as `oncall.reports.burden` counts them. `of_median`: hours on call as a multiple of the median
    of those who had any; None where nobody had.
    """

    handle: str
    name: str
    total_hours: float
    of_median: float | None
    night_hours: float
    weekend_hours: float
    pages: int
    night_pages: int


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """Most hours first; with those in a rotation who had none."""
    mine = {each.handle for each in scope.people.values()}
    found = [each for each in burdens(session, window.start, window.end) if each.handle in mine]
    median = middle(each.total_hours for each in found if each.total_hours)
    return [_row(each, median) for each in found]


def _row(each: PersonBurden, median: float) -> Row:
    return Row(
        handle=each.handle,
        name=each.name,
        total_hours=each.total_hours,
        of_median=round(each.total_hours / median, 2) if median else None,
        night_hours=each.night_hours,
        weekend_hours=each.weekend_hours,
        pages=each.pages,
        night_pages=each.night_pages,
    )


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    lines = tuple(
        Line(row.name, (row.total_hours, row.night_hours, row.weekend_hours)) for row in found if row.total_hours
    )
    return Sheet("Person", ("Hours", "At night", "At weekends"), lines, Unit.HOURS, Picture.BARS, _said(found))


def _said(found: Sequence[Row]) -> str:
    carrying = [row for row in found if row.total_hours]
    if not carrying:
        return ""
    median, most = middle(row.total_hours for row in carrying), carrying[0]
    people, hours = count_of(len(carrying), "person", "people"), Unit.HOURS.written
    carried = f"{most.name} carried {hours(most.total_hours)} h, {most.of_median:.1f} times as much"
    return f"Of {people} on call, half carried {hours(median)} h or more; {carried}."
