"""My shifts over all schedules."""

from datetime import datetime

from sqlmodel import select

from oncall.coverage import OnCall, planned_shifts, with_people
from oncall.models import Schedule
from web.edge import Caller


def shifts_between(caller: Caller, start: datetime, end: datetime) -> list[OnCall]:
    """Those that meet [start, end), by start."""
    found = [
        shift
        for schedule in caller.session.exec(select(Schedule)).all()
        for shift in planned_shifts(caller.session, schedule, start, end)
        if shift.person == caller.user.handle
    ]
    found.sort(key=lambda shift: (shift.start, shift.schedule, shift.level))
    return with_people(caller.session, found)
