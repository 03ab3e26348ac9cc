"""Windows in which alerts do not page."""

from datetime import datetime
from typing import Annotated, Any

import typer

from oncall.cli.output import AsJson, at, show, show_json
from oncall.cli.overrides import OPERATOR
from oncall.cli.session import Desk, reading, writing
from oncall.config.values import read_span
from oncall.errors import BadInput
from oncall.maintenance import windows
from oncall.maintenance.windows import NewWindow, WindowRow
from oncall.models import Service, Team
from oncall.moments import read_moment
from oncall.rota.feeds import find_team
from oncall.setup.integration_keys import find_service

_EXAMPLE = "2026-12-06T02:00+01:00"
Name = Annotated[str, typer.Argument(help="As “oncall maintenance list” shows it.")]
Until = Annotated[str | None, typer.Option(help=f"When it ends, such as {_EXAMPLE}.")]
Length = Annotated[str | None, typer.Option("--for", help="How long, such as 2h or 90m.")]


def start(
    service: Annotated[str | None, typer.Argument(help="The service, such as web; or give --team.")] = None,
    team: Annotated[str | None, typer.Option(help="All services of this team.")] = None,
    begins: Annotated[str | None, typer.Option("--from", help=f"Such as {_EXAMPLE}. Left out: now.")] = None,
    until: Until = None,
    length: Length = None,
    repeats: Annotated[str | None, typer.Option(help="daily, weekly, …, or a rule: FREQ=MONTHLY;BYDAY=1SU.")] = None,
    timezone: Annotated[str, typer.Option(help="On whose clocks it repeats.")] = "UTC",
    reason: Annotated[str, typer.Option(help="Why: it is shown with every alert that is held.")] = "",
    pages_critical: Annotated[bool, typer.Option("--page-critical", help="Critical alerts page all the same.")] = False,
    name: Annotated[str, typer.Option(help="Left out: what it is about and when.")] = "",
    as_json: AsJson = False,
) -> None:
    """Begin maintenance now, or plan it: what triggers meanwhile does not page."""
    with writing() as desk:
        starts = read_moment(begins, "--from") if begins else desk.now
        wanted = NewWindow(
            _about(desk, service, team),
            starts,
            _end(starts, until, length),
            timezone,
            reason,
            repeats,
            pages_critical,
            name,
        )
        made = windows.plan_window(desk.session, OPERATOR, wanted, desk.now)
        row = _row(desk, made.name)
    _say(row, as_json)


def list_(as_json: AsJson = False) -> None:
    """List maintenance: what is on, what comes, what is over."""
    with reading() as desk:
        items = [_as_item(row) for row in windows.list_windows(desk.session, desk.now)]
    columns = ["name", "state", "service", "team", "start", "end", "repeats", "alerts", "reason"]
    show(as_json, items, columns, "No maintenance is planned.")


def end(name: Name, as_json: AsJson = False) -> None:
    """End it now: what it held and is still open is paged."""
    with writing() as desk:
        windows.end_window(desk.session, OPERATOR, name, desk.now)
        row = _row(desk, name)
    _say(row, as_json)


def extend(name: Name, until: Until = None, length: Length = None, as_json: AsJson = False) -> None:
    """Let it end later, or earlier; --for counts from now."""
    with writing() as desk:
        windows.extend_window(desk.session, OPERATOR, name, _end(desk.now, until, length), desk.now)
        row = _row(desk, name)
    _say(row, as_json)


def call_off(name: Name) -> None:
    """Call it off for good, with all that were to come."""
    with writing() as desk:
        windows.call_off(desk.session, OPERATOR, name, desk.now)
    typer.echo(f"Maintenance “{name}” is called off.")


def _about(desk: Desk, service: str | None, team: str | None) -> Service | Team:
    if (service is None) == (team is None):
        raise BadInput("Say what is in maintenance: a service, or a team with --team.", field="service")
    return find_service(desk.session, service) if service is not None else find_team(desk.session, team or "")


def _end(starts: datetime, until: str | None, length: str | None) -> datetime:
    if (until is None) == (length is None):
        raise BadInput("Say when it ends: --for 2h, or --until with a time.", field="--until")
    if until is not None:
        return read_moment(until, "--until")
    try:
        return starts + read_span(length)  # type: ignore[no-any-return]
    except ValueError as error:
        raise BadInput(f"{error}.", field="--for") from None


def _row(desk: Desk, name: str) -> WindowRow:
    return next(row for row in windows.list_windows(desk.session, desk.now) if row.window.name == name)


def _say(row: WindowRow, as_json: bool) -> None:
    if as_json:
        show_json(_as_item(row))
        return
    start, end = (at(moment, row.window.timezone) for moment in row.span)
    typer.echo(f"Maintenance “{row.window.name}” of {row.service or row.team}: from {start} to {end}.")


def _as_item(row: WindowRow) -> dict[str, Any]:
    window = row.window
    said = {"reason": window.reason, "repeats": window.repeats, "timezone": window.timezone}
    counts = {"pages_critical": window.pages_critical, "alerts": row.held, "open_alerts": row.still_open}
    place = {"name": window.name, "state": row.state, "service": row.service, "team": row.team}
    return {**place, "start": row.span[0], "end": row.span[1], **said, **counts}
