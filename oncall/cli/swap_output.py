"""A swap as the command line shows it."""

from typing import Any

import typer

from oncall.cli.output import show_json
from oncall.swaps.queries import PieceRow, SwapRow

COLUMNS = ["id", "kind", "state", "asker", "asked", "pieces", "expires_at"]


def say(row: SwapRow, as_json: bool) -> None:
    if as_json:
        show_json(as_item(row))
        return
    asked = f", asked: {', '.join(user.handle for _, user in row.invited)}" if row.swap.state == "offered" else ""
    pieces = "; ".join(map(_piece, row.pieces))
    typer.echo(f"Swap {row.swap.id} of {row.asker.name} is {row.swap.state}{asked}. {pieces}")


def as_item(row: SwapRow) -> dict[str, Any]:
    return {
        "id": row.swap.id,
        "kind": row.swap.kind,
        "state": row.swap.state,
        "asker": row.asker.handle,
        "asked": [user.handle for _, user in row.invited],
        "pieces": list(map(_piece, row.pieces)),
        "note": row.swap.note,
        "expires_at": row.swap.expires_at,
        "decided_by": row.decided_by.handle if row.decided_by else None,
        "decided_for": row.decided_for.handle if row.decided_for else None,
    }


def _piece(row: PieceRow) -> str:
    start, end = (f"{at:%Y-%m-%dT%H:%MZ}" for at in (row.piece.starts_at, row.piece.ends_at))
    taker = row.taker.handle if row.taker else "?"
    return f"{row.schedule.name} {row.piece.level} {start}/{end} {row.giver.handle} → {taker}"
