"""What a config file would give, with nothing stored: no database is needed."""

from collections.abc import Iterable
from datetime import datetime

from oncall.config.schema import Config, ScheduleForm
from oncall.config.strangers import read_file
from oncall.coverage import OnCall
from oncall.errors import NotFound
from oncall.preview import FilePeople, shifts_of
from schedules.types import Shift


def shifts_of_file(text: str, name: str | None, start: datetime, until: datetime) -> list[tuple[ScheduleForm, OnCall]]:
    """Of one of its schedules or of all, by name. Raises BadInput or NotFound."""
    config = read_file(text)
    people, names = FilePeople(config), {user.handle: user.name for user in config.users}
    return [
        (form, _person(shift, names))
        for form in _wanted(config, name)
        for shift in shifts_of(form, people.ruled, people.experienced(form.name), start, until)
    ]


def _wanted(config: Config, name: str | None) -> Iterable[ScheduleForm]:
    found = [form for form in config.schedules if name in (None, form.name)]
    if not found:
        known = ", ".join(form.name for form in config.schedules) or "none"
        raise NotFound(f"The file has no schedule{f' {name}' if name else ''}. It has: {known}.", field="schedule")
    return sorted(found, key=lambda form: form.name)


def _person(shift: Shift, names: dict[str, str]) -> OnCall:
    """Somebody of whom the file says nothing goes by the handle."""
    name = names.get(shift.person, shift.person)
    return OnCall(shift.schedule, shift.level, 0, shift.person, name, shift.start, shift.end, shift.source)
