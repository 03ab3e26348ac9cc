"""A small company and its browsers. Alice (user) is on call for dev L1, Bob (admin) for L2, and Vera only looks."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from oncall.auth import passwords, sessions
from oncall.auth.passwords import hash_password
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import Config
from oncall.db.database import Database
from oncall.running.runtime import Runtime, build_runtime
from tests.application import listening
from tests.client import TestClient
from tests.conftest import make_settings, sqlite_settings_of
from tests.sharing import BROWSERS, share_of
from tests.web.pages.browser import Browser, person
from tests.web.pages.chromium import NARROW, PHONE, Windows, running_chromium
from web.app import create_app
from web.edge import COOKIE

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday, 10:00 in New York."""
PASSWORD = "a long enough password"
COMPANY = {
    "users": [
        {
            "handle": handle,
            "name": name,
            "role": role,
            "timezone": "America/New_York",
            "experienced": ["dev"],
            "contact_methods": [
                {"name": "mobile", "kind": "sms", "address": number, "verified": True},
                {"name": "call", "kind": "voice", "address": number, "verified": True},
            ],
        }
        for handle, name, role, number in [
            ("alice", "Alice Archer", "user", "+12025550101"),
            ("bob", "Bob Baker", "admin", "+12025550102"),
            ("vera", "Vera Viewer", "viewer", "+12025550103"),
        ]
    ],
    "schedules": [
        {
            "name": "dev",
            "timezone": "Europe/Berlin",
            "levels": ["L1", "L2"],
            "rotations": [
                {
                    "name": "developers",
                    "members": ["alice", "bob"],
                    "start": "2026-03-02T00:00",
                    "shift": "1 week",
                    "until": "2026-03-07T00:00",
                }
            ],
        }
    ],
    "escalation_policies": [
        {
            "name": "dev",
            "steps": [{"page": ["schedule:dev/L1"], "wait": "5m"}, {"page": ["schedule:dev/L2"], "wait": "5m"}],
        }
    ],
    "services": [{"name": "web", "escalation_policy": "dev"}, {"name": "search", "escalation_policy": "dev"}],
}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> None:
        self.now += timedelta(**length)


@pytest.fixture
def contents() -> None:
    """What is not the company below begins empty."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """The same algorithm with the least it can do: a password takes a tenth of a second otherwise, on purpose."""
    least = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", lambda: least)
        patched.setattr(passwords, "_nobodys_hash", cache(lambda: least.hash("the password of nobody")))
        yield


@pytest.fixture(scope="session")
def company(_quick_hashes: None, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("pages") / "company.db"))
    database = Database(make_settings(f"sqlite:///{file}"))
    hashed = hash_password(PASSWORD)
    with database.transaction() as session:
        apply(session, Config.model_validate(COMPANY), NOW)
        for handle in ("alice", "bob", "vera"):
            person(session, handle).password_hash = hashed
    database.close()
    return file


@pytest.fixture
def more() -> str:
    """A config that is applied to the company before each test: for the module to say."""
    return ""


@pytest.fixture(scope="session")
def company_with(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Made once for each config."""

    @cache
    def made(more: str) -> Path:
        file = Path(shutil.copy(company, tmp_path_factory.mktemp("more") / "company.db"))
        with closing(Database(sqlite_settings_of(file))) as database, database.transaction() as session:
            apply(session, load(more, export(session)), NOW, confirm=True)
        return file

    return made


@pytest.fixture
def runtime(
    company: Path, company_with: Callable[[str], Path], more: str, tmp_path: Path, clock: Clock
) -> Iterator[Runtime]:
    file = shutil.copy(company_with(more) if more else company, tmp_path / "oncall.db")
    built = build_runtime(sqlite_settings_of(file, demo=True), clock, with_engine=False)
    yield built
    built.database.close()


@pytest.fixture
def stranger(runtime: Runtime) -> Iterator[TestClient]:
    """A browser in which nobody has signed in."""
    with TestClient(create_app(runtime), headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client


@pytest.fixture
def browser_of(runtime: Runtime, stranger: TestClient, clock: Clock) -> Callable[[str], Browser]:
    """The browser of somebody who has signed in."""

    def sign_in(handle: str) -> Browser:
        with runtime.database.transaction() as session:
            token = sessions.begin(session, person(session, handle), clock(), hours=24 * 30)
        client = TestClient(stranger.app, headers={"accept": "text/html"}, cookies={COOKIE: token})
        client.portal = stranger.portal  # one event loop for all browsers
        return Browser(client)

    return sign_in


@pytest.fixture
def alice(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("alice")


@pytest.fixture
def bob(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("bob")


@pytest.fixture
def vera(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("vera")


@pytest.fixture(scope="package")  # not longer, since no other event loop can run in this thread meanwhile
def chromium() -> Iterator[Chromium]:
    with running_chromium() as started:
        yield started


@pytest.fixture
def windows(
    request: pytest.FixtureRequest, chromium: Chromium, stranger: TestClient, runtime: Runtime
) -> Iterator[Windows]:
    """Opens real browsers. A script that fails, what the policy forbids and a request to a stranger fail the test."""
    assert share_of(request.node.nodeid) == BROWSERS, "by its file's name another worker runs it, with a Chromium more"
    with listening(stranger.app) as address:
        opened = Windows(chromium, address)
        yield opened
        opened.close()
        runtime.live.stop()  # or the server would wait until it notices that nobody listens any more
    assert opened.faults == []


@pytest.fixture
def phone(windows: Windows) -> Page:
    return windows.open(PHONE)


@pytest.fixture
def phone_without_javascript(windows: Windows) -> Page:
    return windows.open(NARROW, java_script_enabled=False)
