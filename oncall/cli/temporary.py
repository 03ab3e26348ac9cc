"""A window of a schedule planned by hand, over everything else."""

from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from oncall.cli.output import AsJson, Confirm, at, show, show_json
from oncall.cli.overrides import OPERATOR
from oncall.cli.session import reading, writing
from oncall.errors import BadInput
from oncall.models import TemporarySchedule
from oncall.moments import read_moment
from oncall.people.people import find_user
from oncall.rota import temporary_schedules
from oncall.rota.plans import find_schedule, find_schedules
from oncall.rota.temporary_schedules import PlannedShift, Window

_EXAMPLE = "2026-12-24T09:00-05:00"

Schedule = Annotated[str, typer.Argument(help="Such as dev.")]


def add(
    schedule: Schedule,
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Such as {_EXAMPLE}.")],
    end: Annotated[str, typer.Argument(metavar="UNTIL", help=f"Such as {_EXAMPLE}.")],
    shift: Annotated[
        list[str],
        typer.Option(help="“L1 bob” for the whole window, or “L1 bob FROM UNTIL”. Can be given several times."),
    ],
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Plan a window by hand: for its time, only the shifts given here count."""
    starts, ends = read_moment(start, "FROM"), read_moment(end, "UNTIL")
    with writing() as desk:
        row = find_schedule(desk.session, schedule)
        shifts = [_shift(desk.session, text, starts, ends) for text in shift]
        window = Window(starts, ends, note)
        made = temporary_schedules.add_temporary_schedule(
            desk.session, OPERATOR, row, window, shifts, desk.now, confirm=confirm
        )
        item = _as_item(desk.session, schedule, made)
    if as_json:
        show_json(item)
        return
    said = f"{schedule} is as planned from {at(made.starts_at, row.timezone)} to {at(made.ends_at, row.timezone)}."
    typer.echo(f"{said} To call it off: oncall temporary end {schedule} {made.id}")


def list_(
    schedule: Annotated[str | None, typer.Argument(help="Only of this schedule.")] = None, as_json: AsJson = False
) -> None:
    """List the temporary schedules that have not ended."""
    with reading() as desk:
        items = [
            _as_item(desk.session, each.name, row)
            for each in find_schedules(desk.session, schedule)
            for row in temporary_schedules.list_temporary_schedules(desk.session, each, desk.now)
        ]
    show(as_json, items, ["id", "schedule", "start", "end", "note"], "Nothing is planned by hand.")


def end(
    schedule: Schedule,
    temporary_id: Annotated[int, typer.Argument(metavar="ID", help="As “oncall temporary list” shows it.")],
    confirm: Confirm = False,
) -> None:
    """Call it off: what is to come goes back to the rotations."""
    with writing() as desk:
        row = find_schedule(desk.session, schedule)
        temporary_schedules.end_temporary_schedule(desk.session, OPERATOR, row, temporary_id, desk.now, confirm=confirm)
    typer.echo(f"Temporary schedule {temporary_id} is called off: the rotations apply again.")


def _shift(session: Session, text: str, start: datetime, end: datetime) -> PlannedShift:
    level, *words = text.split() or [""]
    if len(words) not in (1, 3):
        raise BadInput(f"“{text}” is not a shift: write “L1 bob”, or “L1 bob {_EXAMPLE} …”.", field="--shift")
    handle, *times = words
    starts, ends = (read_moment(time, "--shift") for time in times) if times else (start, end)
    return PlannedShift(level, find_user(session, handle), starts, ends)


def _as_item(session: Session, schedule: str, row: TemporarySchedule) -> dict[str, object]:
    planned = temporary_schedules.planned_shifts(session, row)
    shifts = [
        {"level": one.level, "user": user.handle, "start": one.starts_at, "end": one.ends_at} for one, user in planned
    ]
    whole = {"id": row.id, "schedule": schedule, "start": row.starts_at, "end": row.ends_at, "note": row.note}
    return {**whole, "shifts": shifts}
