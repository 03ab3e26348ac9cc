"""Swaps: asked for, listed, answered."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import typer
from sqlmodel import Session

from oncall.auth.permissions import Permission, check
from oncall.auth.sessions import find_login
from oncall.cli.output import AsJson, show, show_json
from oncall.cli.session import Desk, reading, writing
from oncall.cli.swap_output import COLUMNS, as_item, say
from oncall.errors import BadInput, NotFound
from oncall.models import Swap, SwapKind, User
from oncall.moments import read_moment
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule
from oncall.settings import Settings
from oncall.swaps import decide, queries
from oncall.swaps.offer import Request, offer
from oncall.swaps.parts import Part
from oncall.swaps.queries import SwapFilter
from oncall.swaps.story import get_swap

Decide = Callable[[Session, Settings, int, User, User, datetime], Swap]

Number = Annotated[int, typer.Argument(help="As “oncall swap list” shows it.", min=1, max=2**31 - 1)]
As = Annotated[str, typer.Option("--as", help="Handle of the person who does it.")]
For = Annotated[
    str | None, typer.Option("--for", help="Handle of somebody absent, in whose name a manager or an admin does it.")
]
EXAMPLE = "2026-08-03T09:00-04:00"
_PIECE = f"“dev L1 {EXAMPLE} 2026-08-04T09:00-04:00”, may be repeated."


def list_(
    handle: Annotated[str | None, typer.Argument(help="Only those that concern this person.")] = None,
    past: Annotated[bool, typer.Option("--all", help="Also those that are settled.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List swaps, newest first."""
    with reading() as desk:
        mine = find_user(desk.session, handle).id if handle is not None else None
        rows = queries.list_swaps(desk.session, SwapFilter(open_only=not past, mine=mine), limit)
        items = [as_item(row) for row in rows]
    show(as_json, items, COLUMNS, "No such swaps.")


def show_(number: Number, as_json: AsJson = False) -> None:
    """One swap, and what happened to it, oldest first."""
    with reading() as desk:
        (row,) = queries.rows_of(desk.session, [get_swap(desk.session, number)])
        story = [{"at": event.at, "by": by, "text": event.text} for event, by in queries.story(desk.session, number)]
    if as_json:
        show_json(as_item(row) | {"events": story})
        return
    say(row, as_json)
    show(as_json, story, ["at", "by", "text"], "")


def offer_(
    kind: Annotated[Literal["give", "take", "trade"], typer.Argument(help="give, take or trade.")],
    schedule: Annotated[str, typer.Argument(help="Such as dev.")],
    level: Annotated[str, typer.Argument(help="Such as L1.")],
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Such as {EXAMPLE}.")],
    end: Annotated[str, typer.Argument(metavar="UNTIL", help=f"Such as {EXAMPLE}.")],
    handle: As,
    to: Annotated[list[str] | None, typer.Option(help="Whom to ask; may be repeated. Default: all eligible.")] = None,
    also: Annotated[list[str] | None, typer.Option(metavar="PIECE", help=f"One more: {_PIECE}")] = None,
    in_return: Annotated[
        list[str] | None, typer.Option(metavar="PIECE", help=f"A trade: the other person's: {_PIECE}")
    ] = None,
    note: Annotated[str, typer.Option(help="A word to those asked.")] = "",
    expires: Annotated[str | None, typer.Option(help=f"Such as {EXAMPLE}. Default: when it begins.")] = None,
    for_: For = None,
    as_json: AsJson = False,
) -> None:
    """Ask somebody to take my shift (give), to let me take theirs (take), or to trade."""
    with writing() as desk:
        by = acting(desk, handle)
        wanted = Request(
            SwapKind(kind),
            [_part(desk, schedule, level, start, end), *_pieces(desk, also, "--also")],
            _pieces(desk, in_return, "--in-return"),
            [find_user(desk.session, each) for each in to] if to else None,
            note,
            read_moment(expires, "expires") if expires is not None else None,
        )
        asker = find_user(desk.session, for_) if for_ is not None else by
        swap = offer(desk.session, desk.settings, by, asker, wanted, desk.now)
        (row,) = queries.rows_of(desk.session, [swap])
    say(row, as_json)


def accept(number: Number, handle: As, for_: For = None, as_json: AsJson = False) -> None:
    """Agree: the shifts change hands at once."""
    _decide(decide.accept, number, handle, for_, as_json)


def decline(number: Number, handle: As, for_: For = None, as_json: AsJson = False) -> None:
    """Say no; of out of reach: refuse to cover."""
    _decide(decide.decline, number, handle, for_, as_json)


def withdraw(number: Number, handle: As, for_: For = None, as_json: AsJson = False) -> None:
    """Take a request back; of out of reach: I am back."""
    _decide(decide.withdraw, number, handle, for_, as_json)


def _decide(decided: Decide, number: int, handle: str, for_: str | None, as_json: bool) -> None:
    with writing() as desk:
        by = acting(desk, handle)
        person = find_user(desk.session, for_) if for_ is not None else by
        swap = decided(desk.session, desk.settings, number, by, person, desk.now)
        (row,) = queries.rows_of(desk.session, [swap])
    say(row, as_json)


def acting(desk: Desk, handle: str) -> User:
    person = find_login(desk.session, handle)
    if person is None:
        raise NotFound(f"There is nobody with the handle {handle}, or they have retired.")
    check(person, Permission.PLAN)
    return person


def _part(desk: Desk, schedule: str, level: str, start: str, end: str) -> Part:
    return Part(find_schedule(desk.session, schedule), level, read_moment(start, "FROM"), read_moment(end, "UNTIL"))


def _pieces(desk: Desk, texts: list[str] | None, option: str) -> list[Part]:
    return [_part(desk, *_words(text, option)) for text in texts or ()]


def _words(text: str, option: str) -> list[str]:
    words = text.rsplit(maxsplit=3)
    if len(words) != 4:
        raise BadInput(f"{option} “{text}”: write a schedule, a level, from when and until when, in one.", field=option)
    return words
