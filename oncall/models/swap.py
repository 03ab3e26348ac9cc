"""Swaps: who asks whom to take which shifts, what they answer, and the story of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field

from oncall.lifecycle.swap import SwapState
from oncall.models.base import Table, enum_column, key_column, maybe_time_column, time_column


class SwapKind(StrEnum):
    GIVE = "give"
    """Mine, to whoever agrees first."""
    TAKE = "take"
    """Somebody's, to me, if they agree."""
    TRADE = "trade"
    """Mine for theirs, if they agree."""
    TAKE_NOW = "take_now"
    OUT_OF_REACH = "out_of_reach"


class Answer(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class SwapEventKind(StrEnum):
    OFFERED = "offered"
    TOLD = "told"
    REMINDED = "reminded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REFUSED = "refused"
    ENDED = "ended"
    NOTE = "note"


UNDER_WAY = text("state IN ('offered', 'running')")
"""Said with a literal, or neither database would see that a partial index serves."""


class Swap(Table, table=True):
    __tablename__ = "swaps"
    __table_args__ = (
        # The engine's question at every tick: which expire, end, or want a reminder? Those under way are few.
        Index("ix_swaps_due", "expires_at", sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
        Index(None, "asker_id", "id"),  # what I asked
    )

    id: int | None = key_column()
    kind: SwapKind = enum_column(SwapKind)
    state: SwapState = enum_column(SwapState, SwapState.OFFERED)
    asker_id: int = Field(foreign_key="users.id")
    made_by_id: int = Field(foreign_key="users.id")
    """The asker, or a manager who asks in their name."""
    to_everybody: bool = False
    """Also whoever becomes eligible later may take it."""
    note: str = Field(default="", max_length=500)
    created_at: datetime = time_column()
    expires_at: datetime = time_column()
    """Nobody can accept from here on; out of reach: when it comes back by itself."""
    remind_at: datetime | None = maybe_time_column()
    """When those who have not answered are reminded; None: not, or not again."""
    decided_at: datetime | None = maybe_time_column()
    decided_by_id: int | None = Field(default=None, foreign_key="users.id")
    """Who accepted, declined or ended it; None: nobody has, or the engine did."""
    decided_for_id: int | None = Field(default=None, foreign_key="users.id")
    """In whose name: the same person, unless a manager decided for somebody absent."""


class SwapPiece(Table, table=True):
    """A shift, or a part of one, that changes hands."""

    __tablename__ = "swap_pieces"
    __table_args__ = (
        Index(None, "swap_id"),
        Index(None, "schedule_id"),  # swaps of a schedule
        Index(None, "giver_id"),  # swaps that concern me
        Index(None, "taker_id"),
    )

    id: int | None = key_column()
    swap_id: int = Field(foreign_key="swaps.id", ondelete="CASCADE")
    schedule_id: int = Field(foreign_key="schedules.id", ondelete="CASCADE")
    level: str = Field(max_length=60)
    giver_id: int = Field(foreign_key="users.id")
    taker_id: int | None = Field(default=None, foreign_key="users.id")
    """None: whoever accepts, and they once they have."""
    starts_at: datetime = time_column()
    ends_at: datetime = time_column()


class SwapInvitation(Table, table=True):
    """One person who was asked, and their answer."""

    __tablename__ = "swap_invitations"
    __table_args__ = (Index(None, "user_id", "answer"),)  # what waits for my answer

    swap_id: int = Field(foreign_key="swaps.id", primary_key=True, ondelete="CASCADE")
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    answer: Answer = enum_column(Answer, Answer.WAITING)
    answered_at: datetime | None = maybe_time_column()


class SwapEvent(Table, table=True):
    """One line of a swap's story, written when it happened and never changed."""

    __tablename__ = "swap_events"
    __table_args__ = (Index(None, "swap_id", "id"),)  # the story of one swap, in order

    id: int | None = key_column()
    swap_id: int = Field(foreign_key="swaps.id", ondelete="CASCADE")
    at: datetime = time_column()
    by_id: int | None = Field(default=None, foreign_key="users.id")
    """None: the engine."""
    kind: SwapEventKind = enum_column(SwapEventKind)
    text: str
