"""What reports say of alerts, and the same counted here, of alerts that are looked at one by one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, select

from oncall.models import Alert, Service
from oncall.reports.window import Window, periods
from tests.reports.conftest import MARCH, UTC_ZONE, Books

TEN_DAYS = Window(MARCH, MARCH + timedelta(days=10), UTC_ZONE)


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


def waited(books: Books, window: Window, team: str | None = None) -> list[Any]:
    names = ("response-by-day", "response-by-service")
    return [astuple(row) for name in names for row in books.rows(name, window, team)]


def waited_plainly(books: Books, window: Window, services: Sequence[str] = ("db", "web")) -> list[Any]:
    """The same, of alerts that are looked at one by one."""
    with books.database.read() as session:
        alerts = [each for each in _alerts(session, services) if window.start <= each[1].triggered_at < window.end]
    days = [(each.first_day, each.last_day, *_waits(alerts, each.start, each.end)) for each in periods(window)]
    named = [(name, [each for each in alerts if each[0] == name]) for name in services]
    named = sorted((each for each in named if each[1]), key=lambda each: (-len(each[1]), each[0]))
    together = (None, None, *_waits(alerts, window.start, window.end))
    return [
        *[day for day in [together, *days] if day[2] or day[5]],
        *[(name, len(mine), *_waits(mine, window.start, window.end)) for name, mine in [(None, alerts), *named]],
    ]


def _waits(alerts: Iterable[tuple[str, Alert]], start: datetime, end: datetime) -> tuple[int | None, ...]:
    mine = [alert for _, alert in alerts if start <= alert.triggered_at < end]
    moments = [
        (each.triggered_at, each.first_acknowledged_at or each.acknowledged_at, each.resolved_at) for each in mine
    ]
    told: list[int | None] = []
    for which in (1, 2):
        lengths = sorted(int((each[which] - each[0]).total_seconds()) for each in moments if each[which])  # type: ignore[operator]
        told += [len(lengths), *(lengths[-(-len(lengths) * each // 100) - 1] if lengths else None for each in (50, 90))]
    return tuple(told)


def assert_as_plainly(books: Books) -> None:
    assert counted(books) == plainly(books)
    assert waited(books, TEN_DAYS) == waited_plainly(books, TEN_DAYS)


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
