"""Alerts of the past are added up once, day by day, and reports are what a plain count of all of them says."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import func, select

from oncall.alerts.retention import delete_old
from oncall.models import Alert, AlertToCount, DaysCounted, PastRule
from oncall.reports.count_alerts import SETTLED, count_alerts
from oncall.reports.window import Window
from tests.reports.conftest import MARCH, Books
from tests.reports.plainly import TEN_DAYS, assert_as_plainly, counted, plainly, waited, waited_plainly

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
OVER = MARCH + DAY + SETTLED
"""When the 1st of March is counted."""
NEW_YORK, KATHMANDU = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")
"""Clocks are set in the one on the 8th of March; days begin at 18:15 UTC in the other."""
ODD = MARCH + 7.3 * HOUR, MARCH + 10 * DAY - timedelta(microseconds=1)


def count(books: Books, now: datetime) -> None:
    count_alerts(books.database, lambda: now, lambda _seconds: False)


def stored(books: Books, table: type[Any] = PastRule) -> int:
    with books.database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_it_is_what_a_plain_count_says_whatever_is_counted_already(books: Books) -> None:
    dice = random.Random(9)
    for number in range(80):
        triggered = MARCH + dice.random() * 10 * DAY
        open_for = dice.choice([None, dice.randrange(9000), 86_400, 5 * 86_400])
        summary = dice.choice(["Disk {} % full", "Host {} is down", "Größe {}"]).format(number)
        acknowledged, first = dice.choice([None, dice.randrange(900)]), dice.choice([None, triggered + 9 * SECOND])
        told = {"event_count": dice.randrange(1, 9), "first_acknowledged_at": first}
        books.alert(dice.choice(["web", "db"]), triggered, acknowledged, open_for, summary, **told)
    windows = [TEN_DAYS, Window(MARCH + 31 * HOUR, MARCH + 195 * HOUR, NEW_YORK), Window(*ODD, KATHMANDU)]

    for now in (MARCH, OVER, OVER + 4 * DAY, OVER + 30 * DAY):
        count(books, now)
        for window in windows:
            assert counted(books, window) == plainly(books, window)
            assert counted(books, window, "dev") == plainly(books, window, ["web"])
            assert waited(books, window) == waited_plainly(books, window)
            assert waited(books, window, "dev") == waited_plainly(books, window, ["web"])
    assert stored(books)


def test_a_day_is_counted_once_when_nothing_can_open_its_alerts_again(books: Books) -> None:
    books.alert("web", MARCH + HOUR, 60, 90)

    count(books, OVER - HOUR)
    assert stored(books) == 0
    count(books, OVER)
    count(books, OVER + HOUR)

    assert stored(books) == 1
    assert_as_plainly(books)


def test_what_is_open_for_long_is_counted_when_it_is_over_for_good(books: Books) -> None:
    number = books.alert("web", MARCH + HOUR)
    count(books, OVER)
    assert (stored(books), stored(books, AlertToCount)) == (0, 1)
    with books.open() as session:
        session.get_one(Alert, number).event_count = 7
    assert_as_plainly(books)

    resolved = OVER + 5 * DAY
    with books.open() as session:
        alert = session.get_one(Alert, number)
        alert.status, alert.resolved_at = "resolved", resolved  # type: ignore[assignment]
    count(books, resolved + SETTLED - HOUR)
    assert stored(books) == 0
    count(books, resolved + SETTLED + HOUR)

    assert (stored(books), stored(books, AlertToCount)) == (1, 0)
    assert_as_plainly(books)


def test_what_was_counted_while_the_clock_was_ahead_is_counted_again(books: Books) -> None:
    books.alert("web", MARCH + HOUR, 60, 90)
    books.alert("web", MARCH + 3 * DAY)
    count(books, OVER + 9 * DAY)
    count(books, OVER + DAY)  # it was wrong
    books.alert("web", MARCH + 3 * DAY, 60, 90)
    assert_as_plainly(books)

    count(books, OVER + 9 * DAY)

    assert_as_plainly(books)


def test_alerts_that_are_deleted_count_no_more(books: Books) -> None:
    for hours in (1, 2, 30, 50):
        books.alert("web", MARCH + hours * HOUR, 60, 90)
    books.alert("web", MARCH + 3 * HOUR)
    count(books, OVER + 9 * DAY)

    assert delete_old(books.database, 20, lambda: MARCH + 20 * DAY + 31 * HOUR, lambda _seconds: False) == 3

    assert_as_plainly(books)
    assert [row[2] for row in counted(books)] == [2]
    with books.database.read() as session:
        assert session.get_one(DaysCounted, 1).since == MARCH + 2 * DAY
    count(books, OVER + 9 * DAY)
    assert_as_plainly(books)


def test_engines_that_count_at_once_count_everything_once(books: Books) -> None:
    for day in range(9):
        books.alert("web", MARCH + day * DAY, 60, 90)

    with ThreadPoolExecutor(2) as engines:
        list(engines.map(lambda now: count(books, now), [OVER + 20 * DAY] * 2))

    assert stored(books) == 9
    assert_as_plainly(books)


def test_it_stops_when_the_process_does(sqlite_books: Books) -> None:
    sqlite_books.alert("web", MARCH, 60, 90)
    asked: list[float] = []

    def rest(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) == 3

    count_alerts(sqlite_books.database, lambda: OVER + 9 * DAY, rest)

    with sqlite_books.database.read() as session:
        assert session.get_one(DaysCounted, 1).until == MARCH + 3 * DAY
