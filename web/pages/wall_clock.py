"""A day and a time as a browser's form sends them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.errors import BadInput
from schedules.wallclock import skipped, to_utc


def wall_clock(text: str, zone: ZoneInfo, what: str, field: str) -> datetime:
    """A `datetime-local` on the clocks of `zone`, as aware UTC. `what` ends "Say when …". Raises BadInput."""
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=None)
        if skipped(local, zone):
            skip = f"{local:%H:%M} is skipped on that day, since clocks go forward: choose another time."
            raise BadInput(skip, field=field)
        return to_utc(local, zone)
    except (ValueError, OverflowError):
        raise BadInput(f"Say when {what}: a day and a time, such as 2026-02-01 10:00.", field=field) from None
