"""The page of heartbeats."""

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW

BACKUP = "heartbeats: [{name: nightly-backup, service: web, every: 24h, grace: 30m, key: the-key-of-backup}]"


def add_a_heartbeat(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(BACKUP, export(session)), NOW)


def test_without_any_it_says_how_to_begin(alice: Browser) -> None:
    assert "No heartbeats yet" in alice.open("/heartbeats")


def test_a_failing_one_shows_what_it_said(runtime: Runtime, alice: Browser) -> None:
    add_a_heartbeat(runtime)
    assert "Never pinged" in alice.open("/heartbeats")
    alice.client.post("/ping/the-key-of-backup/fail", content=b"disk <full>")
    page = alice.open("/heartbeats")
    assert "Failed" in page
    assert "disk &lt;full&gt;" in page


def test_only_admins_see_where_to_ping(runtime: Runtime, alice: Browser, bob: Browser) -> None:
    add_a_heartbeat(runtime)
    assert "the-key-of-backup" not in alice.open("/heartbeats")
    assert "/ping/the-key-of-backup" in bob.open("/heartbeats")
