"""What happened, added up."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from oncall.cli.output import AsJson, show_json, show_table
from oncall.cli.session import reading
from oncall.config.values import check_zone
from oncall.moments import read_moment
from oncall.names import checked
from oncall.reports.csv_text import to_csv
from oncall.reports.registry import REPORTS, find_report
from oncall.reports.scope import scope_of
from oncall.reports.sheet import Sheet
from oncall.reports.window import window_of


def report(
    name: Annotated[str | None, typer.Argument(help="Which; without one they are listed.")] = None,
    from_time: Annotated[str | None, typer.Option("--from", help="2026-01-05T10:00Z; default 30 days before.")] = None,
    until: Annotated[str | None, typer.Option(help="Default: now.")] = None,
    team: Annotated[str | None, typer.Option(help="Only its services' alerts and its members.")] = None,
    timezone: Annotated[str, typer.Option(help="Whose days are meant.")] = "UTC",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add up alerts, answers, pages, nights and burden. The table sums up what --csv and --json have whole."""
    if as_csv and as_json:
        raise typer.BadParameter("Choose one of --csv and --json.")
    if name is None:
        show_table(["REPORT", "WHAT IT SHOWS"], [[each.name, each.title] for each in REPORTS.values()], "")
        return
    wanted, zone = find_report(name), ZoneInfo(checked(check_zone, timezone, "--timezone"))
    with reading() as desk:
        begin = read_moment(from_time, "--from") if from_time else None
        window = window_of(begin, read_moment(until, "--until") if until else None, zone, desk.now)
        rows = wanted.rows(desk.session, window, scope_of(desk.session, team))
    if as_csv:
        typer.echo(to_csv(wanted.row, rows), nl=False)
    elif as_json:
        show_json(rows)
    else:
        _show(wanted.sheet(rows, window))


def _show(sheet: Sheet) -> None:
    lines = [[line.label, *(sheet.unit.written(value) for value in line.values)] for line in sheet.lines]
    show_table([sheet.corner.upper(), *sheet.series], lines, "Nothing happened in this time.")
    if sheet.said:
        typer.echo(f"\n{sheet.said}")
