"""Who follows along with whoever is on call."""

from typing import Annotated

import typer

from oncall.cli.output import AsJson, show
from oncall.cli.overrides import OPERATOR
from oncall.cli.session import reading, writing
from oncall.models import ShadowKind
from oncall.moments import read_moment
from oncall.people.people import find_user
from oncall.rota import shadows
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow, ShadowRow

_EXAMPLE = "2026-08-03T09:00-04:00"


def add(
    handle: Annotated[str, typer.Argument(help="Who learns, such as erin.")],
    schedule: Annotated[str, typer.Argument(help="Such as dev.")],
    level: Annotated[str, typer.Argument(help="Such as L1.")],
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Such as {_EXAMPLE}.")],
    end: Annotated[str, typer.Argument(metavar="UNTIL", help=f"Such as {_EXAMPLE}.")],
    kind: Annotated[ShadowKind, typer.Option(help="reverse: is paged first, the others a minute later.")] = (
        ShadowKind.SHADOW
    ),
) -> None:
    """Let somebody follow along: a copy of every page, or in reverse every page first."""
    starts, ends = read_moment(start, "FROM"), read_moment(end, "UNTIL")
    with writing() as desk:
        row, user = find_schedule(desk.session, schedule), find_user(desk.session, handle)
        made = shadows.add_shadow(desk.session, OPERATOR, row, NewShadow(level, user, starts, ends, kind), desk.now)
    typer.echo(f"{user.name} follows along with {level} of {schedule}. To end it: oncall shadow end {made.id}")


def list_(as_json: AsJson = False) -> None:
    """List the shadow shifts that have not ended."""
    with reading() as desk:
        items = [_as_item(row) for row in shadows.list_shadows(desk.session, desk.now)]
    show(as_json, items, ["id", "schedule", "level", "user", "kind", "start", "end"], "Nobody follows along.")


def end(shadow_id: Annotated[int, typer.Argument(metavar="ID", help="As “oncall shadow list” shows it.")]) -> None:
    """End a shadow shift."""
    with writing() as desk:
        shadows.end_shadow(desk.session, OPERATOR, shadow_id, desk.now)
    typer.echo(f"Shadow shift {shadow_id} is ended.")


def _as_item(row: ShadowRow) -> dict[str, object]:
    return {
        "id": row.shadow.id,
        "schedule": row.schedule.name,
        "level": row.shadow.level,
        "user": row.user.handle,
        "kind": row.shadow.kind,
        "start": row.shadow.starts_at,
        "end": row.shadow.ends_at,
    }
