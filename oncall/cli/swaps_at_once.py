"""What nobody need agree to first: taking over now, and out of reach for a while."""

from datetime import timedelta
from typing import Annotated

import typer

from oncall.cli.output import AsJson
from oncall.cli.session import writing
from oncall.cli.swap_output import say
from oncall.cli.swaps import EXAMPLE, As, acting
from oncall.moments import read_moment
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule
from oncall.swaps import queries
from oncall.swaps.out_of_reach import go_out_of_reach
from oncall.swaps.take_now import take_now


def take_over(
    schedule: Annotated[str, typer.Argument(help="Such as dev.")],
    level: Annotated[str, typer.Argument(help="Such as L1.")],
    handle: As,
    relieved: Annotated[str | None, typer.Option("--from", help="Handle of whom you believe to relieve.")] = None,
    until: Annotated[str | None, typer.Option(help=f"Such as {EXAMPLE}. Default: the end of the shift.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take a level over now, with its open alerts; whoever had it is told."""
    with writing() as desk:
        by, found = acting(desk, handle), find_schedule(desk.session, schedule)
        end = read_moment(until, "--until") if until is not None else None
        other = find_user(desk.session, relieved) if relieved is not None else None
        swap = take_now(desk.session, desk.settings, by, found, level, end, other, desk.now)
        (row,) = queries.rows_of(desk.session, [swap])
    say(row, as_json)


def out_of_reach(
    schedule: Annotated[str, typer.Argument(help="Such as dev.")],
    handle: As,
    level: Annotated[str | None, typer.Option(help="Such as L1. Default: the one you are on.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=240)] = 30,
    to: Annotated[str | None, typer.Option(help="Handle of who covers. Default: whoever is on another level.")] = None,
    note: Annotated[str, typer.Option(help="A word to them.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hand my level over for a short while; it comes back by itself, or sooner by “withdraw”."""
    with writing() as desk:
        by, found = acting(desk, handle), find_schedule(desk.session, schedule)
        cover, length = find_user(desk.session, to) if to is not None else None, timedelta(minutes=minutes)
        swap = go_out_of_reach(desk.session, desk.settings, by, found, level, length, cover, desk.now, note)
        (row,) = queries.rows_of(desk.session, [swap])
    say(row, as_json)
