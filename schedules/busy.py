"""When somebody can't be on call, as their calendar has it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BusySpan:
    """Aware UTC, [start, end)."""

    start: datetime
    end: datetime
    summary: str
