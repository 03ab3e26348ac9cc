"""How long a turn lasts, on the wall clock."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from schedules.errors import ScheduleError

Unit = Literal["hours", "days", "weeks", "months"]

_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("h", "hour", "hours"), "hours"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "week", "weeks"), "weeks"),
    **dict.fromkeys(("month", "months"), "months"),
}


@dataclass(frozen=True)
class Duration:
    """A whole number, at least 1, of one unit. All units are wall-clock: a day is the same time tomorrow."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit[:-1]}"

    @property
    def months(self) -> int:
        """The part that depends on the calendar, in months."""
        return self.count if self.unit == "months" else 0

    @property
    def elapsed(self) -> timedelta:
        """The part that does not, as clocks on the wall count it."""
        return timedelta() if self.unit == "months" else timedelta(**{self.unit: self.count})


def parse_duration(text: str) -> Duration:
    """Read "12 hours", "3 days", "1 week", "2 months", or the short "12h", "3d", "1w".

    Raises ScheduleError.
    """
    found = re.fullmatch(r"\s*(\d{1,3})\s*([a-z]+)\s*", text, re.ASCII | re.IGNORECASE)
    unit = _UNITS.get(found[2].lower()) if found else None
    if found is None or unit is None:
        raise ScheduleError(
            f'A shift can\'t last "{text}": write a whole number of hours, days, weeks or months, like "3 days".'
        )
    if int(found[1]) == 0:
        raise ScheduleError(f'A shift can\'t last "{text}": write at least 1, like "1 {unit[:-1]}".')
    return Duration(int(found[1]), unit)
