"""The last requests that came to each integration key."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, json_column, log_key_column, time_column


class ReceivedRequest(Table, table=True):
    """A request as it came, its secrets masked, and what was made of it. Only the newest of each key are kept."""

    __tablename__ = "received_requests"
    __table_args__ = (
        Index(None, "key_id", "id"),  # the newest of a key
        Index(None, "at"),  # the housekeeping's question: which are too old?
    )

    id: int | None = log_key_column()
    key_id: int = Field(foreign_key="integration_keys.id", ondelete="CASCADE")
    at: datetime = time_column()
    is_test: bool = False
    """Sent by us, when somebody asked for it."""
    method: str = Field(max_length=10)
    """Of a mail: SMTP."""
    path: str
    """With its query. Of a mail: the address."""
    headers: list[list[str]] = json_column(list)
    """`[[name, value], …]`, as they came."""
    body: str = ""
    """As text, cut off where it is long."""
    body_bytes: int = 0
    """How long it was."""
    status: int
    """Of the answer, in the numbers of HTTP or of SMTP."""
    refusal: str = ""
    """Why nothing was stored; empty when it was."""
    events: list[dict[str, Any]] = json_column(list)
    """What was read in it: `[{"action": "trigger", "dedup_key": …, "alert_id": 12 or null}, …]`, the first of many;
    of a change `[{"action": "change", "change_id": 7, "summary": …}]`.
    """
