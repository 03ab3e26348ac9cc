"""Turns of a day that people have been told, and ways to publish and to read them."""

from dataclasses import replace
from datetime import datetime, timedelta

from schedules.handing_on import handed_on
from schedules.published_turns import PublishedTurn, continued, to_publish
from schedules.resolve import on_call_at
from schedules.types import Member, Schedule
from tests.schedules.cast import rotation, schedule, utc

START = utc("2026-01-05")
DAY = timedelta(days=1)
Told = dict[int, PublishedTurn]


def daily(
    *members: str | Member,
    levels: str = "L1",
    told: Told | None = None,
    rule: str | None = None,
    since: datetime = START,
    **more: object,
) -> Schedule:
    """One-day turns from Monday 5 January, bound to what has been told since the schedule was made."""
    one = replace(
        rotation(*members, levels=levels, start="2026-01-05 00:00", shift="1 day", first_shift_level=rule),
        **more,  # type: ignore[arg-type]
    )
    return schedule(continued(one, (told or {}).values(), since), levels=levels)


def told_after(plan: Schedule, told: Told, now: datetime, days: int) -> Told:
    """What people have been told once everything is published up to so many days from now."""
    news = [*handed_on(plan, -1, told.values(), now), *to_publish(plan, -1, now, now + days * DAY)]
    return told | {turn.number: turn for turn in news}


def leads(plan: Schedule, count: int, first: int = 0, level: str = "L1") -> str:
    """Initials of whoever is on the level on each day."""
    at = [on_call_at(plan, START + (first + i) * DAY)[level] for i in range(count)]
    return "".join(on[0].person[0] if on else "-" for on in at)
