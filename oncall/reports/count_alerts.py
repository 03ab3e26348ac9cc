"""Counting what reports say of alerts, day by day: what has settled stays as it is, so that it is counted once.

Done by engines; what they have not come to yet is counted by whoever asks.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select, update

from oncall.alerts.retention import RESTS, Rest
from oncall.clock import Clock, monotonic
from oncall.config.service_forms import LONGEST_REOPENING
from oncall.db.bulk import insert_many
from oncall.db.database import Database, json_text
from oncall.db.upsert import insert
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, AlertToCount, DaysCounted, PastRule, PastWaits, Service
from oncall.reports.past_alerts import DAY, PAST, by_rule, midnight
from oncall.reports.past_waits import OfDay, of_alerts

SETTLED = LONGEST_REOPENING + timedelta(hours=3)
"""So long after it was resolved no event re-opens an alert, and nothing else changes what is counted of it. A day is
counted as long after its end: by then most of its alerts have settled, and those that are stored late are there."""
AT_ONCE = 500
"""Alerts counted late in one transaction."""
_counted: sa.Table = DaysCounted.__table__  # type: ignore[attr-defined]
_rules: sa.Table = PastRule.__table__  # type: ignore[attr-defined]
_waits: sa.Table = PastWaits.__table__  # type: ignore[attr-defined]
_to_count: sa.Table = AlertToCount.__table__  # type: ignore[attr-defined]


def count_alerts(database: Database, clock: Clock, rest: Rest) -> None:
    """Day by day, in small transactions with rests between them."""
    with database.transaction() as session:
        _begin(session, clock())
    is_behind = True
    while is_behind:
        began = monotonic()
        is_behind = _count_day(database, clock())
        if rest(RESTS * (monotonic() - began)):
            return
    is_behind = True
    while is_behind:
        with database.transaction() as session:
            is_behind = _count_late(session, clock())


def _begin(session: Session, now: datetime) -> None:
    """Where there was nothing before."""
    first = session.exec(select(Alert.triggered_at).order_by(col(Alert.id)).limit(1)).first()
    settled = midnight(now - SETTLED)
    since = min(midnight(first), settled) if first else settled
    row = insert(session, _counted).values(id=1, since=since, until=since)
    session.execute(row.on_conflict_do_nothing())
    uncount(session, now)


def uncount(session: Session, now: datetime) -> None:
    """What was counted while the clock was ahead: more alerts may come then. They are counted with them again."""
    known, settled = session.get(DaysCounted, 1, with_for_update=True), midnight(now - SETTLED)
    if known is not None and known.until > settled:
        known.since, known.until = min(known.since, settled), settled
        again = select(Alert.id).where(col(Alert.triggered_at) >= settled)
        session.exec(delete(AlertToCount).where(col(AlertToCount.alert_id).in_(again)))
        for table in PAST:
            session.exec(delete(table).where(col(table.day) >= settled))


def _count_day(database: Database, now: datetime) -> bool:
    """The next one. Gives whether there are more. It is read before anything is written: SQLite has one writer."""
    with database.read() as session:
        day = session.get_one(DaysCounted, 1).until
        if day + DAY > now - SETTLED:
            return False
        of_day, settled = _of_day(session, day), _has_settled(now)
        rules = session.execute(by_rule(*of_day, settled)).mappings().all()
        waits = list(of_alerts(session, *of_day, settled))
        uncounted = session.exec(select(Alert.id).where(*of_day, sa.not_(settled))).all()
    with database.transaction() as session:
        mine = update(DaysCounted).where(col(DaysCounted.until) == day).values(until=day + DAY)
        if session.exec(mine).rowcount:  # of two engines, one
            _store(session, day, rules, waits)
            insert_many(session, _to_count, [{"alert_id": each} for each in uncounted])
    return True


def _of_day(session: Session, day: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Which alerts triggered then: by service, as an index finds them."""
    services, at = session.exec(select(Service.id)).all(), col(Alert.triggered_at)
    return col(Alert.service_id).in_(services), at >= day, at < day + DAY


def _count_late(session: Session, now: datetime) -> bool:
    """Some of those that have settled since their day was counted. Gives whether there may be more."""
    late = select(Alert.id, Alert.triggered_at).select_from(AlertToCount).join(Alert)
    late = late.where(_has_settled(now)).order_by(col(AlertToCount.alert_id)).limit(AT_ONCE)
    rows = session.exec(late.with_for_update(of=AlertToCount)).all()  # of two engines, one
    for day, alerts in groupby(rows, lambda row: midnight(row[1])):
        theirs = col(Alert.id).in_([number for number, _ in alerts])
        _store(session, day, session.execute(by_rule(theirs)).mappings(), of_alerts(session, theirs))
    session.exec(delete(AlertToCount).where(col(AlertToCount.alert_id).in_([number for number, _ in rows])))
    return len(rows) == AT_ONCE


def _store(session: Session, day: datetime, rules: Iterable[Mapping[Any, Any]], waits: Iterable[OfDay]) -> None:
    """What alerts of one day come to."""
    insert_many(session, _rules, [{"day": day, **each} for each in rules])
    insert_many(session, _waits, [_as_row(each) for each in waits])


def _as_row(of_day: OfDay) -> dict[str, Any]:
    lists = {name: json_text(getattr(of_day, name)) for name in ("triggered", "acknowledged", "resolved")}
    return {"day": of_day.day, "service_id": of_day.service_id, **lists}


def _has_settled(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Alert.status) == AlertStatus.RESOLVED, col(Alert.resolved_at) < now - SETTLED)
