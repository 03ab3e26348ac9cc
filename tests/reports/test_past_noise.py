"""Alerts of the past are added up once by rule and day, and the report is what a plain count of all of them says."""

import random
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, func, select

from oncall.models import Alert, NoiseCounted, PastNoise, Service, UncountedAlert
from oncall.reports.count_noise import SETTLED, count_noise
from oncall.reports.window import Window
from oncall.retention import delete_old
from tests.reports.conftest import MARCH, UTC_ZONE, Books

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OVER = MARCH + DAY + SETTLED
"""When the 1st of March is counted."""
TEN_DAYS = Window(MARCH, MARCH + 10 * DAY, UTC_ZONE)


def count(books: Books, now: datetime) -> None:
    count_noise(books.database, lambda: now, lambda _seconds: False)


def stored(books: Books, table: type[Any] = PastNoise) -> int:
    with books.database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def counted(books: Books, window: Window = TEN_DAYS, team: str | None = None) -> list[tuple[object, ...]]:
    rows = books.rows("noisiest", window, team)
    return [
        (row.service, row.summary, row.alerts, row.events, row.unacknowledged, row.last_at, row.last_alert)
        for row in rows
    ]


def plainly(books: Books, window: Window = TEN_DAYS, services: Sequence[str] = ("db", "web")) -> list[Any]:
    """The same, counted here, of alerts that are looked at one by one."""
    with books.database.read() as session:
        alerts = [each for each in _alerts(session, services) if window.start <= each[1].triggered_at < window.end]
    alerts.sort(key=_rule)
    found = [_told(name, list(mine)) for (name, _), mine in groupby(alerts, _rule)]
    return sorted(found, key=lambda row: (-row[2], -row[6]))


def _alerts(session: Session, services: Sequence[str]) -> Iterable[tuple[str, Alert]]:
    rows = session.exec(select(Service.name, Alert).join(Alert)).all()
    return [(name, alert) for name, alert in rows if name in services]


def _rule(of: tuple[str, Alert]) -> tuple[str, str]:
    return of[0], re.sub("[0-9]", "", of[1].summary)


def _told(name: str, mine: list[tuple[str, Alert]]) -> tuple[object, ...]:
    alerts = [alert for _, alert in mine]
    newest = max(alerts, key=lambda alert: alert.id or 0)
    waiting = [alert for alert in alerts if not (alert.first_acknowledged_at or alert.acknowledged_at)]
    events, last_at = sum(alert.event_count for alert in alerts), max(alert.triggered_at for alert in alerts)
    return (
        name, re.sub(r"\d+", "#", newest.summary), len(alerts), events, len(waiting), last_at, newest.id
    )  # fmt: skip


def test_it_is_what_a_plain_count_says_whatever_is_counted_already(books: Books) -> None:
    dice = random.Random(9)
    for number in range(80):
        triggered = MARCH + dice.random() * 10 * DAY
        open_for = dice.choice([None, 60, 86_400, 5 * 86_400])
        summary = dice.choice(["Disk {} % full", "Host {} is down", "Größe {}"]).format(number)
        acknowledged = dice.choice([None, 30])
        service = dice.choice(["web", "db"])
        books.alert(service, triggered, acknowledged, open_for, summary, event_count=dice.randrange(1, 9))
    windows = [TEN_DAYS, Window(MARCH + 31 * HOUR, MARCH + 195 * HOUR, UTC_ZONE)]

    for now in (MARCH, OVER, OVER + 4 * DAY, OVER + 30 * DAY):
        count(books, now)
        for window in windows:
            assert counted(books, window) == plainly(books, window)
            assert counted(books, window, "dev") == plainly(books, window, ["web"])
    assert stored(books)


def test_a_day_is_counted_once_when_nothing_can_open_its_alerts_again(books: Books) -> None:
    books.alert("web", MARCH + HOUR, 60, 90)

    count(books, OVER - HOUR)
    assert stored(books) == 0
    count(books, OVER)
    count(books, OVER + HOUR)

    assert stored(books) == 1
    assert counted(books) == plainly(books)


def test_what_is_open_for_long_is_counted_when_it_is_over_for_good(books: Books) -> None:
    number = books.alert("web", MARCH + HOUR)
    count(books, OVER)
    assert (stored(books), stored(books, UncountedAlert)) == (0, 1)
    with books.open() as session:
        session.get_one(Alert, number).event_count = 7
    assert counted(books) == plainly(books)

    resolved = OVER + 5 * DAY
    with books.open() as session:
        alert = session.get_one(Alert, number)
        alert.status, alert.resolved_at = "resolved", resolved  # type: ignore[assignment]
    count(books, resolved + SETTLED - HOUR)
    assert stored(books) == 0
    count(books, resolved + SETTLED + HOUR)

    assert (stored(books), stored(books, UncountedAlert)) == (1, 0)
    assert counted(books) == plainly(books)


def test_what_was_counted_while_the_clock_was_ahead_is_counted_again(books: Books) -> None:
    books.alert("web", MARCH + HOUR, 60, 90)
    books.alert("web", MARCH + 3 * DAY)
    count(books, OVER + 9 * DAY)
    count(books, OVER + DAY)  # it was wrong
    books.alert("web", MARCH + 3 * DAY, 60, 90)
    assert counted(books) == plainly(books)

    count(books, OVER + 9 * DAY)

    assert counted(books) == plainly(books)


def test_alerts_that_are_deleted_count_no_more(books: Books) -> None:
    for hours in (1, 2, 30, 50):
        books.alert("web", MARCH + hours * HOUR, 60, 90)
    books.alert("web", MARCH + 3 * HOUR)
    count(books, OVER + 9 * DAY)

    assert delete_old(books.database, 20, lambda: MARCH + 20 * DAY + 31 * HOUR, lambda _seconds: False) == 3

    assert counted(books) == plainly(books)
    assert [row[2] for row in counted(books)] == [2]
    with books.database.read() as session:
        assert session.get_one(NoiseCounted, 1).since == MARCH + 2 * DAY
    count(books, OVER + 9 * DAY)
    assert counted(books) == plainly(books)


def test_engines_that_count_at_once_count_everything_once(books: Books) -> None:
    for day in range(9):
        books.alert("web", MARCH + day * DAY, 60, 90)

    with ThreadPoolExecutor(2) as engines:
        list(engines.map(lambda now: count(books, now), [OVER + 20 * DAY] * 2))

    assert stored(books) == 9
    assert counted(books) == plainly(books)


def test_it_stops_when_the_process_does(sqlite_books: Books) -> None:
    sqlite_books.alert("web", MARCH, 60, 90)
    asked: list[float] = []

    def rest(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) == 3

    count_noise(sqlite_books.database, lambda: OVER + 9 * DAY, rest)

    with sqlite_books.database.read() as session:
        assert session.get_one(NoiseCounted, 1).until == MARCH + 3 * DAY
