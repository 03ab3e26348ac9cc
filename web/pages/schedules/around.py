"""What a timeline tells beside the schedule: people's names, when those on it are away, and their holidays."""

from collections.abc import Collection
from datetime import date

from sqlmodel import Session

from oncall.absences.absences import away
from oncall.rota import coverage
from oncall.rota.public_holidays import named_holidays
from web.pages.schedules.blocks import Who
from web.pages.schedules.lanes import Around
from web.pages.schedules.timeline import Window


def around(session: Session, on: Collection[str], window: Window) -> Around:
    """`on`: the handles of whoever is on call in the window. Whose holidays they are is not said, only where."""
    everybody = coverage.people(session)
    people = {each.handle: Who(each.id, each.handle, each.name) for each in everybody.values()}
    countries = sorted({country for handle in on if (country := everybody[handle].country)})
    return Around(people, away(session, window.start, window.end, on), _holidays(countries, window))


def _holidays(countries: Collection[str], window: Window) -> dict[date, list[str]]:
    """What each is called, and where."""
    where: dict[date, dict[str, list[str]]] = {}
    for country in countries:
        named = named_holidays(country, window.first.year, window.last.year) or {}
        for on, name in named.items():
            if window.first <= on <= window.last:
                where.setdefault(on, {}).setdefault(name, []).append(country)
    return {on: [f"{name} ({', '.join(found)})" for name, found in names.items()] for on, names in where.items()}
