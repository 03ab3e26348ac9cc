"""A swap as answers show it."""

from datetime import datetime

from pydantic import BaseModel, Field

from oncall.lifecycle.swap import SwapState
from oncall.models import Answer, SwapEvent, SwapEventKind, SwapKind
from oncall.swaps.queries import PieceRow, SwapRow
from web.api.names import Person


class PieceView(BaseModel):
    schedule: str
    level: str
    giver: Person
    taker: Person | None = Field(description="Null: whoever accepts.")
    start: datetime
    end: datetime

    @classmethod
    def of(cls, row: PieceRow) -> "PieceView":
        return cls(
            schedule=row.schedule.name,
            level=row.piece.level,
            giver=Person.of(row.giver),
            taker=Person.of(row.taker) if row.taker else None,
            start=row.piece.starts_at,
            end=row.piece.ends_at,
        )


class InvitationView(BaseModel):
    user: Person
    answer: Answer
    at: datetime | None = Field(description="When they answered.")


class SwapView(BaseModel):
    id: int
    kind: SwapKind
    state: SwapState
    asker: Person
    made_by: Person = Field(description="The asker, or a manager who asked in their name.")
    to_everybody: bool
    asked: list[InvitationView]
    pieces: list[PieceView]
    note: str
    created_at: datetime
    expires_at: datetime = Field(description="Out of reach: when it comes back by itself.")
    decided_at: datetime | None
    decided_by: Person | None = Field(description="Null: nobody has, or the engine did.")
    decided_for: Person | None = Field(description="In whose name; another person when a manager decided.")

    @classmethod
    def of(cls, row: SwapRow) -> "SwapView":
        swap = row.swap
        return cls(
            **swap.model_dump(include={"kind", "state", "to_everybody", "note", "created_at", "expires_at"}),
            id=swap.id or 0,
            asker=Person.of(row.asker),
            made_by=Person.of(row.made_by),
            asked=[
                InvitationView(user=Person.of(user), answer=asked.answer, at=asked.answered_at)
                for asked, user in row.invited
            ],
            pieces=[PieceView.of(piece) for piece in row.pieces],
            decided_at=swap.decided_at,
            decided_by=Person.of(row.decided_by) if row.decided_by else None,
            decided_for=Person.of(row.decided_for) if row.decided_for else None,
        )


class SwapEventView(BaseModel):
    at: datetime
    by: str | None = Field(description="A name; null for the engine.")
    kind: SwapEventKind
    text: str

    @classmethod
    def of(cls, event: SwapEvent, by: str | None) -> "SwapEventView":
        return cls(at=event.at, by=by, kind=event.kind, text=event.text)


class SwapStory(SwapView):
    events: list[SwapEventView] = Field(description="What happened, oldest first.")
