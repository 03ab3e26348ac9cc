"""What commands print: a table for people, or the same as JSON."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic_core import to_json

from schedules.when import name_of

Confirm = Annotated[
    bool, typer.Option("--confirm", help="Even if nobody would be on call, somebody twice at once, or the like.")
]
WORSE = "It would make things worse, and needs --confirm:"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def show_json(value: Any) -> None:
    typer.echo(to_json(value, indent=2).decode())


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], when_empty: str) -> None:
    if not rows:
        typer.echo(when_empty)
        return
    lines = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        typer.echo("  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


def show(as_json: bool, items: Sequence[Mapping[str, Any]], columns: Sequence[str], when_empty: str) -> None:
    """The items as they are in JSON; in the table these of their fields."""
    if as_json:
        show_json(items)
    else:
        show_table([column.upper() for column in columns], [[item[c] for c in columns] for item in items], when_empty)


def at(moment: datetime, zone: str) -> str:
    """With the zone named: Mon 2026-01-05 10:00 EST."""
    place = ZoneInfo(zone)
    return f"{moment.astimezone(place):%a %Y-%m-%d %H:%M} {name_of(moment, place)}"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return at(value, "UTC")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "-" if value is None else " ".join(str(value).split())


def show_list(title: str, sentences: Sequence[str]) -> None:
    if sentences:
        typer.echo("\n  ".join([title, *sentences]))
