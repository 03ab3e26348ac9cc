"""Alice lives in New York, Bob in Kathmandu, Carol in UTC; web is the developers', db is nobody's."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from oncall.db.database import Database
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page, Service, Severity, Urgency, User
from oncall.reports.registry import find_report
from oncall.reports.scope import scope_of
from oncall.reports.sheet import Sheet
from oncall.reports.window import Window
from tests.conftest import Contents

COMPANY = """
users:
  - {handle: alice, name: Alice Archer, timezone: America/New_York}
  - {handle: bob, name: Bob Baker, timezone: Asia/Kathmandu}
  - {handle: carol, name: Carol Cohen}
teams: [{name: dev, members: [alice, carol], managers: [bob]}]
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    rotations: [{name: all, members: [alice, bob], start: 2026-03-01T00:00, shift: 1 day}]
escalation_policies: [{name: dev, steps: [{page: ["user:alice"], wait: 5m}]}]
services: [{name: web, team: dev, escalation_policy: dev}, {name: db, escalation_policy: dev}]
"""
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
_numbers = count()
UTC_ZONE = ZoneInfo("UTC")
WEEK = Window(MARCH, MARCH + timedelta(days=7), UTC_ZONE)


@dataclass(frozen=True)
class Books:
    """What happened is written in by hand, and reports are read."""

    database: Database

    def open(self) -> AbstractContextManager[Session]:
        return self.database.transaction()

    def alert(
        self,
        service: str,
        at: datetime,
        acknowledged: float | None = None,
        resolved: float | None = None,
        summary: str = "Disk full",
        **others: Any,
    ) -> int:
        """`acknowledged`, `resolved`: so many seconds later."""
        with self.open() as session:
            of = session.exec(select(Service).where(Service.name == service)).one()
            moments = [None if each is None else at + timedelta(seconds=each) for each in (acknowledged, resolved)]
            row = Alert(
                service_id=of.id or 0,
                dedup_key=f"problem {next(_numbers)}",
                summary=summary,
                status=AlertStatus.TRIGGERED if resolved is None else AlertStatus.RESOLVED,
                severity=Severity.CRITICAL,
                urgency=Urgency.HIGH,
                triggered_at=at,
                last_event_at=at,
                acknowledged_at=moments[0],
                resolved_at=moments[1],
                policy_id=of.escalation_policy_id,
                **others,
            )
            session.add(row)
            session.flush()
            return row.id or 0

    def page(self, handle: str, *moments: datetime, **others: Any) -> None:
        number = self.alert("web", MARCH - timedelta(days=400))
        with self.open() as session:
            user_id = session.exec(select(User.id).where(User.handle == handle)).one() or 0
            for at in moments:
                page = Page(alert_id=number, user_id=user_id, step=0, round=0, reason="", created_at=at, **others)
                session.add(page)

    def rows(self, name: str, window: Window = WEEK, team: str | None = None) -> list[Any]:
        with self.database.read() as session:
            return find_report(name).rows(session, window, scope_of(session, team))

    def sheet(self, name: str, window: Window = WEEK) -> Sheet:
        return find_report(name).sheet(self.rows(name, window), window)

    def statements(self, name: str) -> int:
        """How often the database is asked for it."""
        asked: list[object] = []

        def add(*statement: object) -> None:
            asked.append(statement)

        sa.event.listen(self.database.engine, "before_cursor_execute", add)
        self.rows(name)
        sa.event.remove(self.database.engine, "before_cursor_execute", add)
        return len(asked)


@pytest.fixture
def contents() -> Contents:
    return Contents(MARCH, (COMPANY,))


@pytest.fixture
def books(database: Database) -> Books:
    """On both databases."""
    return Books(database)


@pytest.fixture
def sqlite_books(sqlite_settings: Any) -> Iterator[Books]:
    database = Database(sqlite_settings)
    yield Books(database)
    database.close()
