"""The table of a report, of which its picture is drawn."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from oncall.reports.sheet import Line, Sheet, Unit

NOTHING = '<span class="muted" title="Nothing to count">–</span>'


def report_rows(sheet: Sheet) -> Markup:
    """A row for each line. Put together here, since a large company has a thousand cells."""
    begins = [f'<td data-label="{escape(name)}">' for name in sheet.series]
    return Markup("".join(_row(line, begins, sheet.unit) for line in sheet.lines))  # noqa: S704 its parts are escaped


def _row(line: Line, begins: Sequence[str], unit: Unit) -> str:
    name = f'<a href="{escape(line.href)}">{escape(line.label)}</a>' if line.href else escape(line.label)
    cells = [f"{begin}{_figure(value, unit)}</td>" for begin, value in zip(begins, line.values, strict=True)]
    return f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>\n'


def _figure(value: float | None, unit: Unit) -> str:
    return NOTHING if value is None else f'<data value="{value}">{unit.written(value)}</data>'
