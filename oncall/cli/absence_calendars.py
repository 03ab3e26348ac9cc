"""Calendars that people's absences are read from."""

from typing import Annotated

import typer

from oncall.absences import absence_calendars
from oncall.cli.output import AsJson, show
from oncall.cli.session import reading, writing
from oncall.people.people import find_user

Handle = Annotated[str, typer.Argument(help="Whose calendar, such as alice.")]


def follow(
    handle: Handle,
    url: Annotated[str, typer.Argument(help="The calendar's iCal address.")],
    shortest_hours: Annotated[int, typer.Option(help="What is shorter is no absence, such as a meeting.")] = 0,
) -> None:
    """Read somebody's absences from a calendar: now, and every hour by the engine."""
    address = absence_calendars.check_address(url)
    with reading() as desk:
        user = find_user(desk.session, handle)
        absence_calendars.check_may_subscribe(desk.session, user, address)
        settings, now = desk.settings, desk.now
    copy = absence_calendars.read_first(user, address, settings, now)
    with writing() as desk:
        calendar = absence_calendars.subscribe(desk.session, user, address, copy, desk.now, shortest_hours)
        count = absence_calendars.busy_times(desk.session, user).get(calendar.id, 0)
        typer.echo(f"Calendar {calendar.id} of {user.name} is read: {count} absences in the year ahead.")


def calendars(handle: Handle, as_json: AsJson = False) -> None:
    """List the calendars that somebody's absences are read from, and how old the copy is."""
    with reading() as desk:
        user = find_user(desk.session, handle)
        found = absence_calendars.calendars_of(desk.session, user)
        columns = {"id", "url", "shortest_hours", "read_at", "error"}
        items = [row.model_dump(include=columns) for row in found]
    show(as_json, items, ["id", "url", "shortest_hours", "read_at", "error"], f"{user.name} follows no calendar.")


def forget(handle: Handle, calendar_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Forget a calendar, with the absences read from it."""
    with writing() as desk:
        user = find_user(desk.session, handle)
        absence_calendars.unsubscribe(desk.session, user, calendar_id)
    typer.echo(f"Calendar {calendar_id} of {user.name} is forgotten, with the absences read from it.")
