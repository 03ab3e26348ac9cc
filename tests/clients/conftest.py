"""A company that is really served, whose schedule programs subscribe to."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sqlmodel import select

from oncall.auth.tokens import create_token
from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Role, User
from oncall.settings import Settings
from tests.application import serving_here
from tests.processes import ask

NAMES = {
    "alice": "Alice Archer",
    "bob": "Bob; “the” Baker, Jr.",
    "carol": "Carol Cohen",
    "zoe": "Zoë Ångström-Wałęsa \\\\ 日本語で",
    "dora": "Dora Diaz",
}
SECONDS = 20

USER = """
  - handle: {handle}
    name: '{name}'
    contact_methods: [{{name: mobile, kind: sms, address: "+12025550101", verified: true}}]"""
# Turns of a week that began some weeks ago, handed over by the wall clock of a zone that changes it within the window.
COMPANY = """
users:
{users}
teams:
  - {{name: dev, members: [alice]}}
schedules:
  - name: dev
    team: dev
    timezone: America/New_York
    levels: [L1, L2]
    rotations:
      - {{name: developers, members: [alice, bob, carol, zoe], start: {start:%Y-%m-%dT10:00}, shift: 1 week}}
"""


@dataclass
class Company:
    port: int
    token: str

    def api(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = ask(self.port, method, f"/api/v1{path}", body, headers)
        assert answer.status < 300, answer.body
        return answer.json() if answer.body else None

    def link(self, **whose: str) -> str:
        """The address of a feed. It has shifts: they are published."""
        url: str = self.api("POST", "/calendar-feeds", whose)["url"]
        self._wait_for(lambda: b"BEGIN:VEVENT" in self.feed(url))
        return url

    def feed(self, url: str) -> bytes:
        return ask(self.port, "GET", urlsplit(url).path).body

    def shifts(self) -> set[tuple[str, datetime, datetime]]:
        """What every program has to show: the final shifts of the window, as the API tells them."""
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        window = {"from": today - timedelta(days=30), "until": today + timedelta(days=180)}
        query = urlencode({name: at.isoformat() for name, at in window.items()})
        return {
            (
                f"{shift['level']} dev: {NAMES[shift['user']]}",
                datetime.fromisoformat(shift["start"]),
                datetime.fromisoformat(shift["end"]),
            )
            for shift in self.api("GET", f"/schedules/dev/shifts?{query}")["items"]
        }

    def edit(self, url: str, method: str, path: str, body: Any = None) -> Any:
        """A change of shifts, which has reached the feed at `url` when this ends."""
        before = self.feed(url)
        answer = self.api(method, path, body)
        self._wait_for(lambda: self.feed(url) != before)
        return answer

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < until, "nothing was published in time"
            time.sleep(0.05)


@pytest.fixture
def company(sqlite_settings: Settings, free_port: Callable[[], int]) -> Iterator[Company]:
    settings = sqlite_settings.model_copy(update={"port": free_port()})
    users = "\n".join(USER.format(handle=handle, name=name) for handle, name in NAMES.items())
    database = Database(settings)
    with database.transaction() as session:
        start = system_clock() - timedelta(days=20)
        apply(session, load(COMPANY.format(users=users, start=start)), system_clock())
        owner = session.exec(select(User).where(User.handle == "alice")).one()
        owner.role = Role.ADMIN
        token = create_token(session, owner, "tests", system_clock())[1]
    database.close()
    with serving_here(settings):
        yield Company(settings.port, token)
