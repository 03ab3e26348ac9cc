"""A shift, or a part of one, in an address or as the value of a tick in a form: schedule, level, whose, and when."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlmodel import Session

from oncall.absences.absence_conflicts import AbsenceConflict
from oncall.errors import BadInput
from oncall.moments import read_moment
from oncall.rota.coverage import OnCall
from oncall.rota.plans import find_schedule
from oncall.swaps.parts import Part

FIELDS = ("schedule", "level", "start", "end", "person")


@dataclass(frozen=True, slots=True)
class Named:
    """A part, and the handle of whoever has it; "" where that is clear without."""

    part: Part
    person: str

    @property
    def value(self) -> str:
        return _query(self.part.schedule.name, self.part.level, self.part.start, self.part.end, self.person)


def value_of(shift: OnCall) -> str:
    return _query(shift.schedule, shift.level, shift.start, shift.end, shift.handle)


def address_of(shift: OnCall) -> str:
    """Of the form that asks for a swap of it."""
    return f"/swaps/new?{value_of(shift)}"


def address_for(schedule: str, level: str, start: datetime, end: datetime, person: str) -> str:
    """The same, of a shift or a part that is not at hand as such."""
    return f"/swaps/new?{_query(schedule, level, start, end, person)}"


def address_of_conflict(conflict: AbsenceConflict) -> str:
    """Of the form that asks for a swap of the part for which they are away."""
    return address_of(replace(conflict.shift, start=conflict.start, end=conflict.end))


def read_fields(session: Session, schedule: str, level: str, start: str, end: str, person: str) -> Named:
    """Raises BadInput, or NotFound for a schedule that there is not."""
    part = Part(find_schedule(session, schedule), level, read_moment(start, "start"), read_moment(end, "end"))
    return Named(part, person)


def read_value(session: Session, value: str) -> Named:
    """Raises BadInput for what no page of ours has offered."""
    found = dict(parse_qsl(value))
    if found.keys() != set(FIELDS):
        raise BadInput("Choose shifts from the list.")
    return read_fields(session, **found)


def read_back(session: Session, query: str) -> Part:
    """What the form of this address was about, in whoever's name. Raises as `read_value` does."""
    shift, _, _ = query.partition("&for=")
    return read_value(session, shift).part


def _query(schedule: str, level: str, start: datetime, end: datetime, person: str) -> str:
    return urlencode(dict(zip(FIELDS, (schedule, level, start.isoformat(), end.isoformat(), person), strict=True)))
