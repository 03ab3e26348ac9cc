"""Moments and windows of time as people and scripts type them: with a zone, or each would mean another instant."""

import re
from datetime import UTC, datetime, timedelta

from oncall.errors import BadInput

LONGEST_WINDOW = timedelta(days=400)
EXAMPLE = "2026-01-05T10:00:00Z or 2026-01-05T10:00-05:00"
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Farther away a time is a slip of the pen, and near the year 9999 arithmetic has no room for an offset."""
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")
"""In a URL a plus that is not escaped arrives as a space: `…T10:00:00 02:00`."""


def read_moment(text: str, field: str | None = None) -> datetime:
    """An ISO 8601 time with `Z` or an offset, as UTC. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", text.strip()))
    except ValueError:
        raise BadInput(f"“{text}” is not a time: write it like {EXAMPLE}.", field=field) from None
    if moment.tzinfo is None:
        raise BadInput(f"“{text}” does not say its time zone: write it like {EXAMPLE}.", field=field)
    check_near(moment, text, field)
    return moment.astimezone(UTC)


def is_near(moment: datetime) -> bool:
    """Of the years in which anybody is on call."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def check_near(moment: datetime, text: str, field: str | None = None) -> None:
    """Raises BadInput that shows the time as `text`."""
    if not is_near(moment):
        years = f"{FIRST_YEAR} and {LAST_YEAR}"
        raise BadInput(f"“{text}” is too far away: write a time between the years {years}.", field=field)


def check_window(start: datetime, end: datetime) -> None:
    """Raises BadInput for a window that is empty, or so long that answering would take all day."""
    if end <= start:
        raise BadInput("The window ends before it begins: “until” must be after “from”.", field="until")
    if end - start > LONGEST_WINDOW:
        raise BadInput(f"The window is longer than {LONGEST_WINDOW.days} days: ask for less at a time.", field="until")
