"""The API over a real application without an engine, and four people who call it at noon of one day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from oncall.auth.tokens import create_token
from oncall.models import User
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.application import database_of
from tests.client import TestClient
from tests.conftest import Contents
from web.app import create_app

NOON = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)

# Turns of a day, handed over at 10:00 UTC: at NOON bob is L1 and carol is L2, with alice to follow.
SET_UP_AT = datetime(2026, 1, 1, tzinfo=UTC)
COMPANY = """
users:
  - handle: alice
    name: Alice Archer
    role: admin
    tags: [developer]
  - handle: bob
    name: Bob Baker
    tags: [developer]
    contact_methods: [{name: mobile, kind: sms, address: "+12025550102", verified: true}]
  - handle: carol
    name: Carol Cohen
    tags: [developer]
    contact_methods: [{name: mobile, kind: sms, address: "+12025550103", verified: true}]
  - {handle: victor, name: Victor Visitor, role: viewer}
teams:
  - {name: dev, members: [bob, carol], managers: [alice]}
schedules:
  - name: dev
    team: dev
    timezone: UTC
    levels: [L1, L2]
    rotations:
      - {name: developers, members: [alice, bob, carol], start: 2026-01-05T10:00, shift: 1 day}
  - {name: quiet, timezone: UTC, levels: [L1]}
escalation_policies:
  - name: dev
    repeat: 1
    steps:
      - {page: ["schedule:dev/L1"], wait: 5m}
      - {page: ["schedule:dev/L2"], wait: 10m}
services:
  - name: web
    team: dev
    escalation_policy: dev
    integration_keys:
      - {name: scripts, tool: generic, key: the-key-of-scripts}
heartbeats:
  - {name: nightly-backup, service: web, every: 24h, grace: 30m, key: the-key-of-backup}
"""


SET_UP = Contents(SET_UP_AT, (COMPANY,))
Response = Any
"""Of the test client: its library changes name with the framework's version."""


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: int) -> None:
        self.now += timedelta(**span)


@dataclass
class Caller:
    """Somebody who calls the API with a token of their own."""

    client: TestClient
    token: str

    def _send(self, method: str, path: str, **content: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.token}"} | content.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **content)

    def get(self, path: str, **query: Any) -> Response:
        return self._send("GET", path, params=query or None)

    def post(self, path: str, body: Any = None) -> Response:
        return self._send("POST", path, **({"content": body} if isinstance(body, str | bytes) else {"json": body}))

    def put(self, path: str, body: Any) -> Response:
        return self._send("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Response:
        return self._send("PATCH", path, json=body)

    def delete(self, path: str) -> Response:
        return self._send("DELETE", path)

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def send_alert(self, **fields: Any) -> dict[str, Any]:
        answer = self.post("/alerts", {"service": "web", "summary": "Disk full"} | fields)
        assert answer.status_code == 201, answer.text
        sent: dict[str, Any] = answer.json()
        return sent


def sentence(answer: Response, status: int) -> str:
    """What a problem says, once it is clear that it is one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    detail: str = answer.json()["detail"]
    return detail


@pytest.fixture
def contents() -> Contents:
    return SET_UP


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """SQLite, which is quicker to set up; `test_postgresql.py` asks for the other."""
    return sqlite_settings


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def client(settings: Settings, clock: Clock) -> Iterator[TestClient]:
    runtime = build_runtime(settings, clock, with_engine=False)
    with TestClient(create_app(runtime)) as client:
        yield client


def caller_of(client: TestClient, handle: str) -> Caller:
    with database_of(client).transaction() as session:
        user = session.exec(select(User).where(User.handle == handle)).one()
        return Caller(client, create_token(session, user, "tests", NOON)[1])


@pytest.fixture
def alice(client: TestClient) -> Caller:
    """An admin."""
    return caller_of(client, "alice")


@pytest.fixture
def bob(client: TestClient) -> Caller:
    return caller_of(client, "bob")


@pytest.fixture
def carol(client: TestClient) -> Caller:
    return caller_of(client, "carol")


@pytest.fixture
def victor(client: TestClient) -> Caller:
    """May look and nothing else."""
    return caller_of(client, "victor")
