"""What a config file would give, with nothing stored."""

from datetime import datetime

from sqlmodel import select

from oncall.cli.session import trying_anywhere
from oncall.config.export import export
from oncall.config.schema import Config
from oncall.config.strangers import read_file
from oncall.errors import NotFound
from oncall.models import Schedule, User
from oncall.planning.preview import plans_with
from oncall.rota.coverage import OnCall
from oncall.rota.plans import find_schedules
from schedules.resolve import final_shifts

Tried = list[tuple[Schedule, OnCall]]


def shifts_of_file(text: str, name: str | None, start: datetime, until: datetime) -> Tried:
    """Of one of its schedules or of all, by name. Raises BadInput or NotFound."""
    with trying_anywhere() as desk:
        wanted = read_file(export(desk.session), text)
        names = _names(wanted, name)
        plans = plans_with(desk.session, wanted, names, start, until, desk.now)
        people = {user.handle: user for user in desk.session.exec(select(User))}
        rows = [row for row in find_schedules(desk.session) if row.name in names]
    return [
        (row, OnCall(row.name, each.level, user.id or 0, user.handle, user.name, each.start, each.end, each.source))
        for row, plan in zip(rows, plans, strict=True)
        for each in final_shifts(plan, start, until)
        for user in (people[each.person],)
    ]


def _names(config: Config, name: str | None) -> list[str]:
    found = [form.name for form in config.schedules if name in (None, form.name)]
    if not found:
        known = ", ".join(form.name for form in config.schedules) or "none"
        raise NotFound(f"The file has no schedule{f' {name}' if name else ''}. It has: {known}.", field="schedule")
    return found
