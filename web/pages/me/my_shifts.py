"""My shifts over all schedules."""

from datetime import datetime

from oncall.rota.coverage import OnCall, all_shifts, with_people
from web.edge import Caller


def shifts_between(caller: Caller, start: datetime, end: datetime) -> list[OnCall]:
    """Those that meet [start, end), by start."""
    found = [shift for shift in all_shifts(caller.session, start, end) if shift.person == caller.user.handle]
    found.sort(key=lambda shift: (shift.start, shift.schedule, shift.level))
    return with_people(caller.session, found)
