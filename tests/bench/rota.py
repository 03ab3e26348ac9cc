"""Benchmarks of schedules: a year of shifts, who is on call, feeds, publishing; each also at ten times the size."""

import statistics
import tempfile
from collections.abc import Callable
from datetime import timedelta
from random import Random

import yaml
from sqlmodel import Session, select

from oncall.clock import monotonic, system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Schedule, User
from oncall.rota import coverage, feeds
from oncall.rota.publishing import publish
from oncall.schema import migrate
from schedules.durations import parse_duration
from schedules.hours_text import parse_hours
from schedules.resolve import final_shifts, on_call_at
from schedules.types import Member, Override, Rotation
from schedules.types import Schedule as Plan
from tests.conftest import make_settings
from tests.schedules.cast import NEW_YORK, utc, wall

YEAR = (utc("2026-01-01"), utc("2027-01-01"))
REPEATS = 15


def median_ms(work: Callable[[], object], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        began = monotonic()
        work()
        times.append((monotonic() - began) * 1000)
    return statistics.median(times)


def busy(random: Random, rotations: int, overrides: int) -> Plan:
    """Rotations with an hour or less each on weekdays, and overrides of twelve hours through the year."""
    people = [f"p{i}" for i in range(16)]
    minutes = 8 * 60 // rotations
    opens = [9 * 60 + i * minutes for i in range(rotations)]
    made = [YEAR[0] + timedelta(hours=random.randrange(365 * 24)) for _ in range(overrides)]
    return Plan(
        "busy",
        NEW_YORK,
        ("L1",),
        tuple(
            Rotation(
                str(at),
                ("L1",),
                tuple(Member((person,)) for person in people),
                wall("2025-12-01 09:00"),
                (parse_duration("1 week"),),
                NEW_YORK,
                hours=parse_hours(f"Mon-Fri {_clock(at)}-{_clock(at + minutes)}"),
            )
            for at in opens
        ),
        tuple(Override("L1", random.choice(people), at, at + timedelta(hours=12)) for at in made),
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def pure() -> None:
    random = Random(1)
    for rotations, overrides in ((8, 200), (80, 2000)):
        plans = [busy(random, rotations, overrides) for _ in range(REPEATS + 1)]
        count = len(final_shifts(plans.pop(), *YEAR))
        took = median_ms(lambda: final_shifts(plans.pop(), *YEAR))  # noqa: B023 (asked at once)
        one = busy(random, rotations, overrides)
        moments = [YEAR[0] + timedelta(seconds=random.randrange(365 * 86400)) for _ in range(1000)]
        asked = median_ms(lambda: [on_call_at(one, at) for at in moments], 3)  # noqa: B023
        print(
            f"a year of final shifts, {rotations} rotations with hours, {overrides} overrides ({count} shifts): "
            f"{took:.1f} ms; on_call_at: {asked:.0f} µs"
        )


def company(schedules: int, people: int) -> str:
    users = [
        {"handle": f"p{i}", "name": f"Person {i}", "tags": [f"t{i % schedules}"], "experienced": [f"s{i % schedules}"]}
        for i in range(people)
    ]
    rotation = {"name": "r", "start": "2026-01-05T10:00", "shift": "3 days", "first_shift_level": "L1"}
    rows = [
        {
            "name": f"s{i}",
            "timezone": "America/New_York",
            "levels": ["L1", "L2"],
            "rotations": [rotation | {"members": {"tagged": f"t{i}"}}],
        }
        for i in range(schedules)
    ]
    return yaml.safe_dump({"users": users, "schedules": rows})


def stored() -> None:
    for schedules, people in ((50, 150), (500, 1500)):
        with tempfile.TemporaryDirectory() as folder:
            settings = make_settings(f"sqlite:///{folder}/rota.db")
            migrate.upgrade(settings)
            database = Database(settings)
            with database.transaction() as session:
                apply(session, load(company(schedules, people)), system_clock())
            first = median_ms(lambda: publish(database, system_clock(), only_if_changed=False), 1)  # noqa: B023
            again = median_ms(lambda: publish(database, system_clock(), only_if_changed=False), 1)  # noqa: B023
            size = f"{schedules} schedules, {people} people"
            print(f"{size} published for 8 weeks: {first / 1000:.1f} s; again: {again:.0f} ms")
            with database.transaction() as session:
                feed_and_lookup(session)
            database.close()


def feed_and_lookup(session: Session) -> None:
    schedule = session.exec(select(Schedule)).first()
    owner = session.exec(select(User)).first()
    assert schedule is not None
    assert owner is not None
    feed, now = feeds.open_feed(session, owner, system_clock(), schedule), system_clock()
    unchanged = median_ms(lambda: feeds.version(session, feed, now, ""))
    asked = median_ms(lambda: (session.expire_all(), coverage.on_call_for(session, schedule.name, now)))
    print(f"a feed that is unchanged: {unchanged:.2f} ms; who is on call, asked of the database: {asked:.2f} ms")


def main() -> None:
    pure()
    stored()
