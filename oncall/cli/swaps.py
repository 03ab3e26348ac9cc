"""Swaps: asked for, listed, answered."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

from oncall.auth.permissions import Permission, check
from oncall.auth.sessions import find_login
from oncall.cli.output import AsJson, show, show_json
from oncall.cli.session import Desk, reading, writing
from oncall.errors import NotFound
from oncall.models import Swap, SwapKind, User
from oncall.moments import read_moment
from oncall.people import find_user
from oncall.plans import find_schedule
from oncall.settings import Settings
from oncall.swaps import decide, queries
from oncall.swaps.offer import Request, offer
from oncall.swaps.parts import Part
from oncall.swaps.queries import SwapFilter, SwapRow

Decide = Callable[[Session, Settings, int, User, User, datetime], Swap]

Number = Annotated[int, typer.Argument(help="As “oncall swap list” shows it.", min=1, max=2**31 - 1)]
As = Annotated[str, typer.Option("--as", help="Handle of the person who does it.")]
For = Annotated[
    str | None, typer.Option("--for", help="Handle of somebody absent, in whose name a manager or an admin does it.")
]
_EXAMPLE = "2026-08-03T09:00-04:00"


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
        items = [_as_item(row) for row in rows]
    show(as_json, items, ["id", "kind", "state", "asker", "asked", "pieces", "expires_at"], "No such swaps.")


def offer_(
    kind: Annotated[SwapKind, typer.Argument(help="give, take or trade.")],
    schedule: Annotated[str, typer.Argument(help="Such as dev.")],
    level: Annotated[str, typer.Argument(help="Such as L1.")],
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Such as {_EXAMPLE}.")],
    end: Annotated[str, typer.Argument(metavar="UNTIL", help=f"Such as {_EXAMPLE}.")],
    handle: As,
    to: Annotated[list[str] | None, typer.Option(help="Whom to ask; may be repeated. Default: all eligible.")] = None,
    in_return: Annotated[
        tuple[str, str, str, str] | None,
        typer.Option(metavar="SCHEDULE LEVEL FROM UNTIL", help="A trade: the other person's shift."),
    ] = None,
    note: Annotated[str, typer.Option(help="A word to those asked.")] = "",
    expires: Annotated[str | None, typer.Option(help=f"Such as {_EXAMPLE}. Default: when it begins.")] = None,
    for_: For = None,
    as_json: AsJson = False,
) -> None:
    """Ask somebody to take my shift (give), to let me take theirs (take), or to trade."""
    with writing() as desk:
        by = _person(desk, handle)
        wanted = Request(
            kind,
            [_part(desk, schedule, level, start, end)],
            [_part(desk, *in_return)] if in_return else [],
            [find_user(desk.session, each) for each in to] if to else None,
            note,
            read_moment(expires, "expires") if expires is not None else None,
        )
        asker = find_user(desk.session, for_) if for_ is not None else by
        swap = offer(desk.session, desk.settings, by, asker, wanted, desk.now)
        (row,) = queries.rows_of(desk.session, [swap])
    _say(row, as_json)


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
        by = _person(desk, handle)
        person = find_user(desk.session, for_) if for_ is not None else by
        swap = decided(desk.session, desk.settings, number, by, person, desk.now)
        (row,) = queries.rows_of(desk.session, [swap])
    _say(row, as_json)


def _person(desk: Desk, handle: str) -> User:
    person = find_login(desk.session, handle)
    if person is None:
        raise NotFound(f"There is nobody with the handle {handle}, or they have retired.")
    check(person, Permission.PLAN)
    return person


def _part(desk: Desk, schedule: str, level: str, start: str, end: str) -> Part:
    return Part(find_schedule(desk.session, schedule), level, read_moment(start, "FROM"), read_moment(end, "UNTIL"))


def _say(row: SwapRow, as_json: bool) -> None:
    item = _as_item(row)
    if as_json:
        show_json(item)
        return
    asked = f", asked: {', '.join(item['asked'])}" if row.swap.state == "offered" else ""
    typer.echo(f"Swap {row.swap.id} of {row.asker.name} is {row.swap.state}{asked}. {'; '.join(item['pieces'])}")


def _as_item(row: SwapRow) -> dict[str, Any]:
    pieces = [
        f"{each.schedule.name} {each.piece.level} {each.piece.starts_at:%Y-%m-%dT%H:%MZ}"
        f"/{each.piece.ends_at:%Y-%m-%dT%H:%MZ} {each.giver.handle} → {each.taker.handle if each.taker else '?'}"
        for each in row.pieces
    ]
    return {
        "id": row.swap.id,
        "kind": row.swap.kind,
        "state": row.swap.state,
        "asker": row.asker.handle,
        "asked": [user.handle for _, user in row.invited],
        "pieces": pieces,
        "note": row.swap.note,
        "expires_at": row.swap.expires_at,
        "decided_by": row.decided_by.handle if row.decided_by else None,
        "decided_for": row.decided_for.handle if row.decided_for else None,
    }
