"""What a timeline tells beside the schedule: people's names, when those on it are away, and their holidays."""

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, col, select

from oncall.absences import away
from oncall.models import User
from oncall.public_holidays import named_holidays
from web.pages.lanes import Around, Who
from web.pages.timeline import Window


def around(session: Session, on: Collection[str], window: Window) -> Around:
    """`on`: the handles of whoever is on call in the window. Whose holidays they are is not said, only where."""
    rows = session.exec(select(User.id, User.handle, User.name, User.country).order_by(col(User.name))).all()
    people = {handle: Who(user_id or 0, handle, name) for user_id, handle, name, _ in rows}
    countries = sorted({country for _, handle, _, country in rows if country and handle in on})
    return Around(people, away(session, on, window.start, window.end), _holidays(countries, window))


def _holidays(countries: Collection[str], window: Window) -> dict[date, list[str]]:
    """What each is called, and where."""
    where: dict[date, dict[str, list[str]]] = {}
    for country in countries:
        named = named_holidays(country, window.first.year, window.last.year) or {}
        for on, name in named.items():
            if window.first <= on <= window.last:
                where.setdefault(on, {}).setdefault(name, []).append(country)
    return {on: [f"{name} ({', '.join(found)})" for name, found in names.items()] for on, names in where.items()}
