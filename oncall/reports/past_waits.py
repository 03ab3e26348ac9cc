"""How long alerts of counted days waited, as PastWaits has it, for any stretches of time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import Session, col

from oncall.db.sql_time import epoch, seconds_between
from oncall.models import Alert, PastWaits
from oncall.reports.past_alerts import DAY, Parts, midnight, uncounted
from oncall.reports.scope import Scope
from oncall.reports.triggered import ACKNOWLEDGED_AT
from schedules.spans import Span

Lengths = list[int | None]


@dataclass(slots=True)
class Waits:
    """Of some alerts: how many seconds each waited until somebody had it, and until it was over. None is of no account:
    it has not come so far.
    """

    alerts: int = 0
    acknowledged: Lengths = field(default_factory=list)
    resolved: Lengths = field(default_factory=list)

    def add(self, alerts: int, acknowledged: Lengths, resolved: Lengths) -> None:
        self.alerts += alerts
        self.acknowledged += acknowledged
        self.resolved += resolved


Together = Callable[[int, int], int]
"""Under which number alerts are told, of the number of a stretch of time and the id of a service."""


class Found:
    """Waits by the number under which they are told: by whatever a report is of, and by nothing beside it."""

    def __init__(self, together: Together) -> None:
        self._together = together
        self.waits = defaultdict[int, Waits](Waits)

    def of(self, stretch: int, service_id: int) -> Waits:
        return self.waits[self._together(stretch, service_id)]


class OfDay(NamedTuple):
    """Alerts of one service on one day, as PastWaits has them."""

    day: datetime
    service_id: int
    triggered: list[int]
    acknowledged: Lengths
    resolved: Lengths


def of_alerts(session: Session, *which: sa.ColumnElement[bool]) -> Iterator[OfDay]:
    """Of alerts that are looked at one by one."""
    at, service_id = col(Alert.triggered_at), col(Alert.service_id)
    lengths = (seconds_between(at, each) for each in (ACKNOWLEDGED_AT, col(Alert.resolved_at)))
    found = sa.select(at, service_id, epoch(at), *lengths).where(*which).order_by(service_id, at)
    of_days = groupby(session.execute(found), lambda row: (row[1], midnight(row[0])))
    for (service, day), rows in of_days:
        _, _, moments, acknowledged, resolved = zip(*rows, strict=True)
        begun = _seconds(day)
        yield OfDay(day, service, [each - begun for each in moments], list(acknowledged), list(resolved))


def add_past(session: Session, found: Found, stretches: Sequence[Span], known: Parts, scope: Scope) -> None:
    """Of the days that are counted, each alert to the stretch in which it triggered. Where one begins or ends within
    such a day, it does at a whole second.
    """
    if known.start >= known.end:
        return
    days = {_seconds(day): _parts_of(day, stretches) for day in _days(known.start, known.end)}
    for day, service_id, triggered, *lists in _stored(session, known, scope):
        acknowledged, resolved = map(from_json, lists)
        if len(days[day]) == 1:  # all in one stretch
            found.of(days[day][0].number, service_id).add(len(resolved), acknowledged, resolved)
        else:
            _add_parts(found, days[day], service_id, from_json(triggered), acknowledged, resolved)
    for each in of_alerts(session, uncounted(known, scope)):
        _add_parts(found, days[_seconds(each.day)], *each[1:])


def _stored(session: Session, known: Parts, scope: Scope) -> Iterable[Any]:
    day, service_id = col(PastWaits.day), col(PastWaits.service_id)
    lists = (col(PastWaits.triggered), col(PastWaits.acknowledged), col(PastWaits.resolved))
    mine = (day >= known.start, day < known.end, service_id.in_(scope.services))
    return session.execute(sa.select(epoch(day), service_id, *lists).where(*mine))


class _Part(NamedTuple):
    """What of a day is in a stretch, by the number of the stretch: the seconds [start, end)."""

    number: int
    start: float
    end: float


def _parts_of(day: datetime, stretches: Sequence[Span]) -> list[_Part]:
    return [
        _Part(number, (start - day).total_seconds(), (end - day).total_seconds())
        for number, (start, end) in enumerate(stretches)
        if start < day + DAY and day < end
    ]


def _add_parts(
    found: Found,
    parts: Iterable[_Part],
    service_id: int,
    triggered: Sequence[int],
    acknowledged: Lengths,
    resolved: Lengths,
) -> None:
    for number, start, end in parts:
        first, last = bisect_left(triggered, start), bisect_left(triggered, end)
        if first < last:
            found.of(number, service_id).add(last - first, acknowledged[first:last], resolved[first:last])


def _days(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += DAY


def _seconds(day: datetime) -> int:
    """Since 1970."""
    return round(day.timestamp())
