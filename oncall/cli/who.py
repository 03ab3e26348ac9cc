"""Who is on call, now and later."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from oncall.cli.config_file import read_text
from oncall.cli.output import AsJson, at, show_json, show_table
from oncall.cli.preview import shifts_of_file
from oncall.cli.session import reading
from oncall.clock import system_clock
from oncall.models import Schedule
from oncall.moments import check_window, read_moment
from oncall.rota.coverage import NOBODY, OnCall, final_shifts, on_call
from oncall.rota.plans import find_schedules

LOOK_AHEAD = timedelta(days=14)

Wanted = Annotated[str | None, typer.Argument(help="Only this schedule.")]


def who(
    schedule: Wanted = None,
    at_time: Annotated[str | None, typer.Option("--at", help="2026-01-05T10:00Z; default now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say who is on call."""
    with reading() as desk:
        moment = read_moment(at_time, "--at") if at_time else desk.now
        found = [
            (row, level, shift)
            for row in find_schedules(desk.session, schedule)
            for level, on in on_call(desk.session, row, moment).items()
            for shift in (on or NOBODY)
        ]
    if as_json:
        show_json([_as_item(row, level, shift) for row, level, shift in found])
        return
    rows = [
        [row.name, level, _who(shift), _on_the_wall(shift.end, row)] if shift else [row.name, level, "nobody", None]
        for row, level, shift in found
    ]
    show_table(["SCHEDULE", "LEVEL", "WHO", "UNTIL"], rows, "There are no schedules yet: see “oncall apply”.")


def shifts(
    schedule: Wanted = None,
    named: Annotated[str | None, typer.Option("--schedule", help="Only this schedule, too.")] = None,
    from_time: Annotated[str | None, typer.Option("--from", help="2026-01-05T10:00Z; default now.")] = None,
    until: Annotated[str | None, typer.Option(help="Default: 14 days later.")] = None,
    file: Annotated[
        str | None, typer.Option(help="As they would be with this config file applied. - reads standard input.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the final shifts that meet a window of time."""
    begin = read_moment(from_time, "--from") if from_time else system_clock()
    end = read_moment(until, "--until") if until else begin + LOOK_AHEAD
    check_window(begin, end)
    found = _found(file, named or schedule, begin, end)
    if as_json:
        show_json([_as_shift(shift) for _, shift in found])
        return
    rows = [
        [row.name, shift.level, _who(shift), _on_the_wall(shift.start, row), _on_the_wall(shift.end, row), shift.source]
        for row, shift in found
    ]
    show_table(["SCHEDULE", "LEVEL", "WHO", "FROM", "UNTIL", "SOURCE"], rows, "Nobody is on call in this time.")


def _found(file: str | None, name: str | None, begin: datetime, end: datetime) -> Sequence[tuple[Schedule, OnCall]]:
    if file is not None:
        return shifts_of_file(read_text(file), name, begin, end)
    with reading() as desk:
        return [
            (row, shift)
            for row in find_schedules(desk.session, name)
            for shift in final_shifts(desk.session, row, begin, end)
        ]


def _who(shift: OnCall) -> str:
    return f"{shift.name} ({shift.handle})"


def _on_the_wall(moment: datetime, schedule: Schedule) -> str:
    return at(moment, schedule.timezone)


def _as_item(schedule: Schedule, level: str, shift: OnCall | None) -> dict[str, object]:
    """As `GET /api/v1/on-call` has it."""
    return {
        "schedule": schedule.name,
        "level": level,
        "user": {"handle": shift.handle, "name": shift.name} if shift else None,
        "start": shift and shift.start,
        "end": shift and shift.end,
        "source": shift and shift.source,
    }


def _as_shift(shift: OnCall) -> dict[str, object]:
    """As `GET /api/v1/schedules/{name}/shifts` has it."""
    return {
        "schedule": shift.schedule,
        "level": shift.level,
        "user": shift.handle,
        "start": shift.start,
        "end": shift.end,
        "source": shift.source,
    }
