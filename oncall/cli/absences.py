"""When people are away, and which of their shifts that meets."""

from datetime import timedelta
from typing import Annotated

import typer

from oncall.absences import absences
from oncall.absences.absence_conflicts import conflicts
from oncall.cli.output import AsJson, at, show, show_json
from oncall.cli.session import reading, writing
from oncall.models import Absence, User
from oncall.moments import read_moment
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule

AHEAD = timedelta(days=60)
_EXAMPLE = "2026-08-03T09:00-04:00"


def add(
    handle: Annotated[str, typer.Argument(help="Who is away, such as alice.")],
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Such as {_EXAMPLE}.")],
    end: Annotated[str, typer.Argument(metavar="UNTIL", help=f"Such as {_EXAMPLE}.")],
    reason: Annotated[str, typer.Option(help="Shown to the person and to admins only.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say that somebody is away. Shifts they have then are shown as conflicts, with who could cover."""
    starts, ends = read_moment(start, "FROM"), read_moment(end, "UNTIL")
    with writing() as desk:
        user = find_user(desk.session, handle)
        absence = absences.add_absence(desk.session, user, user, starts, ends, reason, desk.now)
    if as_json:
        show_json(_as_item(absence, user))
        return
    begins, over = at(absence.starts_at, user.timezone), at(absence.ends_at, user.timezone)
    typer.echo(f"{user.name} is away from {begins} to {over}. To take it back: oncall absence remove {absence.id}")


def list_(
    handle: Annotated[str | None, typer.Argument(help="Only of this person.")] = None, as_json: AsJson = False
) -> None:
    """List the absences that are not over."""
    with reading() as desk:
        user = find_user(desk.session, handle) if handle is not None else None
        items = [_as_item(*row) for row in absences.list_absences(desk.session, desk.now, user=user)]
    show(as_json, items, ["id", "user", "start", "end", "reason"], "Nobody has said that they will be away.")


def remove(absence_id: Annotated[int, typer.Argument(metavar="ID", help="As “oncall absence list” shows it.")]) -> None:
    """Take an absence back."""
    with writing() as desk:
        _, user = absences.get_absence(desk.session, absence_id)
        absences.delete_absence(desk.session, user, absence_id)
    typer.echo(f"Absence {absence_id} of {user.name} is deleted.")


def conflicts_(
    schedule: Annotated[str | None, typer.Argument(help="Only of this schedule.")] = None, as_json: AsJson = False
) -> None:
    """List the shifts in the next 60 days of people who are away then, and who could cover, least burdened first."""
    with reading() as desk:
        row = find_schedule(desk.session, schedule) if schedule is not None else None
        found = conflicts(desk.session, desk.now, desk.now + AHEAD, row)
    items = [
        {
            "schedule": each.shift.schedule,
            "level": each.shift.level,
            "user": each.shift.handle,
            "start": each.start,
            "end": each.end,
            "could_cover": list(each.could_cover),
        }
        for each in found
    ]
    show(as_json, items, list(items[0]) if items else [], "Nobody is away while on call.")


def _as_item(absence: Absence, user: User) -> dict[str, object]:
    return {
        "id": absence.id,
        "user": user.handle,
        "start": absence.starts_at,
        "end": absence.ends_at,
        "reason": absence.reason,
        "from_calendar": absence.calendar_id is not None,
    }
