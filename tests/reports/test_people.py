"""Reports of people: when they were paged by their own clocks, whose nights were broken, how burden is spread."""

import random
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from oncall.models import PastPage, User
from oncall.reports.pages_so_far import count_days
from oncall.reports.window import Window
from tests.reports.conftest import MARCH, UTC_ZONE, WEEK, Books

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZONES = {"alice": "America/New_York", "bob": "Asia/Kathmandu", "carol": "UTC"}


@pytest.mark.parametrize("counted_for", [0, 130, 400], ids=["nothing is counted yet", "a part is", "all is"])
def test_hours_and_nights_are_those_of_each_person_s_clock(books: Books, counted_for: int) -> None:
    """Held against what Python makes of each page, over both changes of the clocks in New York."""
    year = Window(MARCH, MARCH + 300 * DAY, UTC_ZONE)
    dice, taken = random.Random(7), dict[str, list[datetime]]()
    changes = [datetime(2026, 3, 8, 7, tzinfo=UTC_ZONE), datetime(2026, 11, 1, 6, tzinfo=UTC_ZONE)]
    for handle in ZONES:
        around = [change + number * HOUR / 4 for change in changes for number in range(-6, 7)]
        taken[handle] = around + [MARCH + dice.random() * 300 * DAY for _ in range(60)]
        books.page(handle, *taken[handle], MARCH - 3 * DAY, MARCH - HOUR, MARCH + 300 * DAY + HOUR)
    if counted_for:
        count_days(books.database, lambda: MARCH + counted_for * DAY, lambda _seconds: False)

    hours = {(row.handle, row.hour): row.pages for row in books.rows("pages-by-hour", year)}
    nights = {row.handle: (row.night_pages, row.nights) for row in books.rows("nights", year)}

    assert hours == Counter(
        (handle, at.astimezone(ZoneInfo(ZONES[handle])).hour) for handle in ZONES for at in taken[handle]
    )
    for handle, name in ZONES.items():
        zone = ZoneInfo(name)
        at_night = [at for at in taken[handle] if not 6 <= at.astimezone(zone).hour < 22]
        assert nights[handle] == (
            len(at_night),
            len({(at.astimezone(zone).replace(tzinfo=None) + 2 * HOUR).date() for at in at_night}),
        )


def test_a_night_with_three_pages_is_one_broken_night(books: Books) -> None:
    books.page("carol", *(MARCH + 22 * HOUR + each * HOUR for each in (0, 3, 7.9)))  # until 05:54
    books.page("carol", MARCH + 6 * HOUR, MARCH + 21.9 * HOUR)  # by day
    books.page("carol", MARCH + 23 * HOUR, is_shadow=True)

    (carol,) = books.rows("nights")

    assert (carol.nights, carol.night_pages) == (1, 3)
    assert books.sheet("nights").said == "1 person was paged in 1 night, Carol Cohen in 1."


def test_pages_of_alerts_that_are_deleted_still_count(books: Books) -> None:
    with books.open() as session:
        carol = session.exec(select(User.id).where(User.handle == "carol")).one() or 0
        session.add(PastPage(id=99, user_id=carol, created_at=MARCH + HOUR))
    books.page("carol", MARCH + HOUR)

    assert [(row.hour, row.pages) for row in books.rows("pages-by-hour")] == [(1, 2)]
    assert books.sheet("pages-by-hour").said == "2 pages to 1 person; 100 % between 01:00 and 02:00."


def test_a_team_has_the_pages_of_its_members(books: Books) -> None:
    for handle in ZONES:
        books.page(handle, MARCH + 2 * HOUR)

    assert [row.handle for row in books.rows("pages-by-hour", team="dev")] == ["alice", "carol"]
    assert {row.handle for row in books.rows("burden", team="dev")} == {"alice", "carol"}


def test_burden_is_told_beside_that_of_the_one_in_the_middle(books: Books) -> None:
    books.page("bob", MARCH + HOUR, MARCH + 20 * HOUR)  # 01:45 for him

    found = {row.handle: row for row in books.rows("burden", WEEK)}

    assert {handle: (row.total_hours, row.of_median) for handle, row in found.items()} == {
        "alice": (96.0, 1.14),
        "bob": (72.0, 0.86),
    }
    assert (found["bob"].pages, found["bob"].night_pages) == (2, 1)
    assert (
        books.sheet("burden").said
        == "Of 2 people on call, half carried 84.0 h or more; Alice Archer carried 96.0 h, 1.1 times as much."
    )
