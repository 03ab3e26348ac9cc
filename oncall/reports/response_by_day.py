"""How fast alerts are acknowledged and resolved, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from oncall.reports.response import SERIES, Times, ranked, said, times, waits
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit
from oncall.reports.window import Window, periods


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
    told = waits(session, [each.span for each in told_by], scope, lambda day, _service: day)
    found = {number: each for number in sorted(told) if any(each := ranked(told[number]))}
    days = [Row(told_by[number].first_day, told_by[number].last_day, *times([each])) for number, each in found.items()]
    return [Row(None, None, *times(found.values())), *days] if found else []


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    by_day = {row.first_day: row for row in found}
    nothing = (None,) * len(SERIES)
    lines = [
        Line(each.label, by_day[each.first_day].figures if each.first_day in by_day else nothing)
        for each in periods(window)
    ]
    together = by_day.get(None)
    return Sheet("Day", SERIES, tuple(lines) if together else (), Unit.SECONDS, Picture.LINES, said(together))
