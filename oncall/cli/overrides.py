"""Who takes a level for a while."""

from typing import Annotated

import typer

from oncall.cli.output import AsJson, Confirm, at, show, show_json
from oncall.cli.session import reading, writing
from oncall.models import OverrideKind, Role, User
from oncall.moments import read_moment
from oncall.people.people import find_user
from oncall.rota import overrides
from oncall.rota.overrides import NewOverride, OverrideRow
from oncall.rota.plans import find_schedule, find_schedules

_EXAMPLE = "2026-08-03T09:00-04:00"
OPERATOR = User(handle="", name="the command line", role=Role.ADMIN)
"""Whoever may run commands on the database decides like an admin; no person is named for it."""


def add(
    schedule: Annotated[str, typer.Argument(help="Such as dev.")],
    level: Annotated[str, typer.Argument(help="Such as L1.")],
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Such as {_EXAMPLE}.")],
    end: Annotated[str, typer.Argument(metavar="UNTIL", help=f"Such as {_EXAMPLE}.")],
    user: Annotated[str | None, typer.Option(help="Handle of who comes on.")] = None,
    replaces: Annotated[str | None, typer.Option(help="Handle of who goes off; default everybody.")] = None,
    kind: Annotated[OverrideKind, typer.Option(help="What it does with those on the level.")] = OverrideKind.REPLACE,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Change who is on a level for a while."""
    starts, ends = read_moment(start, "FROM"), read_moment(end, "UNTIL")
    with writing() as desk:
        row = find_schedule(desk.session, schedule)
        comes, goes = (find_user(desk.session, who) if who else None for who in (user, replaces))
        wanted = NewOverride(level, starts, ends, comes, goes, kind)
        made = overrides.add_override(desk.session, OPERATOR, row, wanted, desk.now, confirm=confirm)
        found = overrides.get_override(desk.session, made.id or 0)
    if as_json:
        show_json(_as_item(found))
        return
    begins, over = at(made.starts_at, row.timezone), at(made.ends_at, row.timezone)
    said = f"{found.whose} on {level} of {schedule}: {kind} from {begins} to {over}."
    typer.echo(f"{said} To end it: oncall override end {made.id}")


def list_(
    schedule: Annotated[str | None, typer.Argument(help="Only of this schedule.")] = None, as_json: AsJson = False
) -> None:
    """List the overrides that have not ended."""
    with reading() as desk:
        names = [row.name for row in find_schedules(desk.session, schedule)]
        found = [each for name in names for each in overrides.list_overrides(desk.session, 200, None, name, desk.now)]
        items = [_as_item(each) for each in found]
    columns = ["id", "schedule", "level", "kind", "user", "replaces", "start", "end", "source"]
    show(as_json, items, columns, "No override is ahead.")


def end(
    override_id: Annotated[int, typer.Argument(metavar="ID", help="As “oncall override list” shows it.")],
    confirm: Confirm = False,
) -> None:
    """End an override: what is to come goes back to the rotations."""
    with writing() as desk:
        overrides.delete_override(desk.session, OPERATOR, override_id, desk.now, confirm=confirm)
    typer.echo(f"Override {override_id} is ended.")


def _as_item(row: OverrideRow) -> dict[str, object]:
    return {
        "id": row.override.id,
        "schedule": row.schedule,
        "level": row.override.level,
        "kind": row.override.kind,
        "user": row.user and row.user.handle,
        "replaces": row.replaces and row.replaces.handle,
        "start": row.override.starts_at,
        "end": row.override.ends_at,
        "source": row.override.source,
    }
