"""Publishing a schedule anew, for the members there are now."""

from typing import Annotated

import typer

from oncall.cli.output import WORSE, AsJson, Confirm, at, show_json, show_list, show_table
from oncall.cli.session import trying, writing
from oncall.models import Schedule
from oncall.rota.horizon import publish_anew, try_anew
from oncall.rota.plans import find_schedule
from schedules.compare import Move

COLUMNS = ("LEVEL", "FROM", "UNTIL", "LOSES", "GAINS")


def publish(
    schedule: Annotated[str, typer.Argument(help="The schedule.")],
    plan: Annotated[bool, typer.Option("--plan", help="Only say who would gain and who would lose.")] = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Publish the turns that have not begun anew: members who joined come on at once, not after the horizon."""
    with trying() if plan else writing() as desk:
        row = find_schedule(desk.session, schedule)
        if plan:
            moves, harm = try_anew(desk.session, row, desk.now)
        else:
            moves, harm = publish_anew(desk.session, row, desk.now, confirm=confirm), []
    if as_json:
        problems = {"problems": harm} if plan else {}
        show_json({"published": not plan, "moves": [_as_item(move) for move in moves]} | problems)
    else:
        show_table(COLUMNS, [_as_row(move, row) for move in moves], "Nobody moves.")
        show_list(WORSE, harm)


def _as_item(move: Move) -> dict[str, object]:
    return {"level": move.level, "start": move.start, "end": move.end, "loses": move.loses, "gains": move.gains}


def _as_row(move: Move, schedule: Schedule) -> list[str | None]:
    start, end = (at(moment, schedule.timezone) for moment in (move.start, move.end))
    return [move.level, start, end, move.loses or "nobody", move.gains or "nobody"]
