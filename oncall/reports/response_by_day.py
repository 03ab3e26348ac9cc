"""How fast alerts are acknowledged and resolved, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col

from oncall.models import Alert
from oncall.reports.response import SERIES, Times, measure, said
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit
from oncall.reports.window import Window, periods
from oncall.sql_time import piecewise


@dataclass(frozen=True)
class _Days:
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class Row(Times, _Days):
    """Of alerts that triggered from the first day to the last, which is the same but in long windows. Without days: of
    all together.
    """


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """All together first; then in order of time, without days on which nothing was acknowledged or resolved."""
    told_by = periods(window)
    number = piecewise(col(Alert.triggered_at), [each.start for each in told_by[1:]], range(len(told_by)))
    found = measure(session, window, scope, number)
    together = [Row(None, None, *found[None])] if None in found else []
    return together + [
        Row(each.first_day, each.last_day, *found[number]) for number, each in enumerate(told_by) if number in found
    ]


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    by_day = {row.first_day: row for row in found}
    nothing = (None,) * len(SERIES)
    lines = [
        Line(each.label, by_day[each.first_day].figures if each.first_day in by_day else nothing)
        for each in periods(window)
    ]
    together = by_day.get(None)
    return Sheet("Day", SERIES, tuple(lines) if together else (), Unit.SECONDS, Picture.LINES, said(together))
