"""A day and a time as a browser's form sends them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.errors import BadInput
from schedules.wallclock import skipped, to_local, to_utc


def on_the_clock(at: datetime, zone: ZoneInfo) -> str:
    """As a `datetime-local`."""
    return f"{to_local(at, zone):%Y-%m-%dT%H:%M}"


def wall_clock(text: str, zone: ZoneInfo, what: str, field: str, shown: datetime | None = None) -> datetime:
    """A `datetime-local` on the clocks of `zone`, as aware UTC. `what` ends "Say when …". Raises BadInput.

    `shown`: what the form has shown there. Left as it was it means that moment, to the second, and also where clocks
    show it twice.
    """
    if shown is not None and text == on_the_clock(shown, zone):
        return shown
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=None)
        if skipped(local, zone):
            skip = f"{local:%H:%M} is skipped on that day, since clocks go forward: choose another time."
            raise BadInput(skip, field=field)
        return to_utc(local, zone)
    except (ValueError, OverflowError):
        raise BadInput(f"Say when {what}: a day and a time, such as 2026-02-01 10:00.", field=field) from None
