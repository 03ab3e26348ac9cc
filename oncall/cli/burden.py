"""Who carried how much."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from oncall.cli.output import AsJson, show_json, show_table
from oncall.cli.session import reading
from oncall.moments import read_moment
from oncall.reports.burden import PersonBurden, burdens, window_of
from oncall.reports.csv_text import to_csv

COLUMNS = ["WHO", "HOURS", "NIGHT", "WEEKEND", "HOLIDAY", "SHIFTS", "PAGES", "AT NIGHT"]


def burden(
    schedule: Annotated[str | None, typer.Argument(help="Only this schedule.")] = None,
    from_time: Annotated[str | None, typer.Option("--from", help="2026-01-05T10:00Z; default 90 days before.")] = None,
    until: Annotated[str | None, typer.Option(help="Default: now.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add up hours on call and pages by person: nights, weekends and holidays are those where the person lives."""
    if as_csv and as_json:
        raise typer.BadParameter("Choose one of --csv and --json.")
    with reading() as desk:
        begin = read_moment(from_time, "--from") if from_time else None
        end = read_moment(until, "--until") if until else None
        found = burdens(desk.session, *window_of(begin, end, desk.now), schedule)
    if as_csv:
        typer.echo(to_csv(PersonBurden, found), nl=False)
    elif as_json:
        show_json([_as_item(each) for each in found])
    else:
        show_table(COLUMNS, [_as_row(each) for each in found], "Nobody is on call in this time: see “oncall apply”.")


def _as_item(each: PersonBurden) -> dict[str, Any]:
    """As `GET /api/v1/burden` has it."""
    item = asdict(each)
    return {"user": {"handle": item.pop("handle"), "name": item.pop("name")}, **item}


def _as_row(each: PersonBurden) -> list[object]:
    hours = [each.total_hours, each.night_hours, each.weekend_hours, each.holiday_hours]
    return [f"{each.name} ({each.handle})", *hours, each.shifts, each.pages, each.night_pages]
