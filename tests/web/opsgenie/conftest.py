"""Opsgenie's API over a real application without an engine, called by those who have a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from oncall.models import Alert, TimelineEntry
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.application import database_of
from tests.client import TestClient
from tests.conftest import Contents
from web.app import create_app

NOON = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
KEY, KEY_OF_DB, KEY_OF_SCRIPTS = "eb243592-faa2-4ba2-a551", "the-key-of-db", "the-key-of-scripts"
KEY_OF_TEAM = "the-key-of-the-team"
COMPANY = f"""
users:
  - handle: alice
    name: Alice Archer
    email: alice@example.com
    contact_methods: [{{name: mobile, kind: sms, address: "+12025550101", verified: true}}]
  - handle: bob
    name: Bob Baker
    email: Bob@Example.com
    contact_methods: [{{name: mobile, kind: sms, address: "+12025550102", verified: true}}]
  - {{handle: carol, name: Carol Cohen}}
teams:
  - name: dev
    members: [alice, bob]
    integration_keys:
      - name: all
        tool: opsgenie
        key: {KEY_OF_TEAM}
        service: web
        rules:
          - {{name: databases, when: [{{field: summary, contains: database}}], service: db}}
          - {{name: responders, when: [{{field: details.responders.name, equals: dba}}], service: db}}
escalation_policies:
  - {{name: dev, steps: [{{page: ["user:alice"], wait: 5m}}, {{page: ["user:bob"], wait: 5m}}]}}
  - {{name: ops, steps: [{{page: ["user:bob"], wait: 5m}}]}}
services:
  - name: web
    team: dev
    escalation_policy: dev
    integration_keys:
      - {{name: monitoring, tool: opsgenie, key: {KEY}}}
      - {{name: scripts, tool: generic, key: {KEY_OF_SCRIPTS}}}
  - name: db
    escalation_policy: dev
    integration_keys: [{{name: monitoring, tool: opsgenie, key: {KEY_OF_DB}}}]
heartbeats:
  - {{name: nightly-backup, service: web, every: 24h, grace: 30m, key: the-key-of-backup}}
"""


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: int) -> None:
        self.now += timedelta(**span)


@dataclass
class Sender:
    """Somebody with a key."""

    client: TestClient
    key: str

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        sent = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        headers = {"Authorization": f"GenieKey {self.key}".encode("latin-1")} if self.key else {}
        return self.client.request(method, f"/v2{path}", headers=headers, params=query or None, **sent)

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.send("GET", path, **query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def create(self, message: str = "Disk full", **fields: Any) -> str:
        """Gives its id."""
        return self.did(self.send("POST", "/alerts", {"message": message} | fields))["alertId"]

    def do(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """Something that Opsgenie would do later; gives the status that is told of it."""
        return self.did(self.send(method, f"/alerts/{path}", body, **query))

    def did(self, answer: Any) -> Any:
        assert answer.status_code == 202, answer.text
        said = answer.json()
        assert said["result"] == "Request will be processed"
        assert isinstance(said["took"], float)
        assert answer.headers["x-request-id"] == said["requestId"]
        return self.get(f"/alerts/requests/{said['requestId']}")["data"]

    def refused(self, method: str, path: str, body: Any = None, *, status: int, **query: Any) -> Any:
        answer = self.send(method, path, body, **query)
        assert answer.status_code == status, answer.text
        said = answer.json()
        assert {"message", "took", "requestId"} <= said.keys()
        return said


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def contents() -> Contents:
    return Contents(NOON, (COMPANY,))


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """SQLite; what asks the database in its own way asks PostgreSQL too."""
    return sqlite_settings


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    with TestClient(create_app(build_runtime(settings, clock, with_engine=False))) as client:
        yield client


@pytest.fixture
def sender(client: TestClient) -> Sender:
    return Sender(client, KEY)


@pytest.fixture
def sender_of_db(client: TestClient) -> Sender:
    return Sender(client, KEY_OF_DB)


def alert(client: TestClient, number: int = 1) -> Alert:
    with database_of(client).read() as session:
        found: Alert = session.get_one(Alert, number)
        return found


def story(client: TestClient, number: int = 1) -> list[str]:
    statement = select(TimelineEntry.text).where(TimelineEntry.alert_id == number).order_by(col(TimelineEntry.id))
    with database_of(client).read() as session:
        return list(session.exec(statement))
