"""The feed of a schedule of 150 people a year after it began: every turn of the window, and whose it is by order."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Schedule, User
from oncall.rota.feeds import content, open_feed
from oncall.rota.publishing import publish
from oncall.settings import Settings

PEOPLE = 150
START, TURN = datetime(2026, 1, 5, 10, tzinfo=UTC), timedelta(days=3)
NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0)
COMPANY = f"""
users: [{", ".join(f"{{handle: p{i:03}, name: Person {i:03}, tags: [developer]}}" for i in range(PEOPLE))}]
schedules:
  - name: dev
    timezone: UTC
    levels: [L1, L2]
    rotations: [{{name: all, members: {{tagged: developer}}, start: {START:%Y-%m-%dT%H:%M}, shift: 3 days}}]
"""


def turns_of_the_window() -> set[tuple[str, datetime, datetime]]:
    """Turn k is member k's on L1, and on L2 that of the member half a round later."""
    expected = set()
    for k in range(250):
        begin, end = START + k * TURN, START + (k + 1) * TURN
        if end > NOW - timedelta(days=30) and begin < MIDNIGHT + timedelta(days=180):
            for level, member in (("L1", k % PEOPLE), ("L2", (k + PEOPLE // 2) % PEOPLE)):
                expected.add((f"{level} dev: Person {member:03}", begin, end))
    return expected


def test_it_has_every_turn_of_the_window_once(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    with database.transaction() as session:
        apply(session, load(COMPANY), START)
    publish(database, NOW, only_if_changed=False)
    with database.transaction() as session:
        owner, schedule = session.exec(select(User)).first(), session.exec(select(Schedule)).one()
        assert owner is not None
        events = Calendar.from_ical(content(session, open_feed(session, owner, NOW, schedule), NOW, "")).walk("VEVENT")
    database.close()

    assert len(events) == len({event["UID"] for event in events}) > 130
    assert {(str(e["SUMMARY"]), e["DTSTART"].dt, e["DTEND"].dt) for e in events} == turns_of_the_window()
