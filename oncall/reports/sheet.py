"""A report as people look at it: a small table, the picture that is drawn from it, and what it comes to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from oncall.timeline import spell

MOST_SERIES = 6
"""Colours that can be told apart; the rest is shown as one."""


class Unit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"
    HOURS = "hours"

    def written(self, value: float | None) -> str:
        if value is None:
            return "–"
        if self is Unit.SECONDS:
            return _length(round(value))
        return f"{value:,.1f}" if self is Unit.HOURS else f"{value:,.0f}"


def _length(seconds: int) -> str:
    """To the second as far as that matters: "40 s", "2 min 5 s", "21 min"."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if 0 < minutes < 10 and rest else spell(timedelta(seconds=seconds))


class Picture(StrEnum):
    """How a sheet is drawn (`web/static/reports.js`)."""

    STACKED = "stacked"
    """A column for each line, its series on top of each other."""
    LINES = "lines"
    """A line for each series, from left to right."""
    BARS = "bars"
    """Bars from the left for each line."""
    DOTS = "dots"
    """A dot for each figure: what lies far apart, on a scale of 1, 10, 100."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is of, and a figure for each series."""

    label: str
    values: tuple[float | None, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`corner` heads the column of labels. Without lines there is nothing to be seen, and `said` is empty."""

    corner: str
    series: tuple[str, ...]
    lines: tuple[Line, ...]
    unit: Unit
    picture: Picture
    said: str


def stacked(counts: Mapping[tuple[str, str], int], labels: Sequence[str], corner: str, rest: str, said: str) -> Sheet:
    """Counts by label and series. The largest series are shown, the others together under the name `rest`."""
    totals, whole = Counter[str](), Counter[str]()
    for (label, name), count in counts.items():
        totals[name] += count
        whole[label] += count
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    shown, others = ranked[:MOST_SERIES], ranked[MOST_SERIES:]
    if len(others) == 1:  # has a name of its own
        shown, others = ranked, []
    lines = []
    for label in labels:
        values = [counts.get((label, name), 0) for name in shown]
        if others:
            values.append(whole[label] - sum(values))
        lines.append(Line(label, tuple(values)))
    series = (*shown, f"{len(others)} {rest}") if others else tuple(shown)
    return Sheet(corner, series, tuple(lines) if totals else (), Unit.COUNT, Picture.STACKED, said)


def share(part: float, whole: float) -> str:
    """ "37 %"."""
    return f"{100 * part / whole:.0f} %"


def count_of(number: int, one: str, many: str) -> str:
    """ "1 alert", "2,000 alerts"."""
    return f"{number:,} {one if number == 1 else many}"


def middle(values: Iterable[float]) -> float:
    """The median; 0 of nothing."""
    ranked = sorted(values)
    half = len(ranked) // 2
    return 0.0 if not ranked else ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2
