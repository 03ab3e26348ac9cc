"""My shifts over all schedules."""

from datetime import datetime

from sqlmodel import select

from oncall.coverage import OnCall, final_shifts
from oncall.models import Schedule
from web.edge import Caller


def shifts_between(caller: Caller, start: datetime, end: datetime) -> list[OnCall]:
    """Those that meet [start, end), by start."""
    found = [
        shift
        for schedule in caller.session.exec(select(Schedule)).all()
        for shift in final_shifts(caller.session, schedule, start, end)
        if shift.user_id == caller.user_id
    ]
    return sorted(found, key=lambda shift: (shift.start, shift.schedule, shift.level))
