"""The page of heartbeats, and the form in which one is made and edited."""

from datetime import timedelta

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.service_forms import HeartbeatForm
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW

BACKUP = "heartbeats: [{name: nightly-backup, service: web, every: 24h, grace: 30m, key: the-key-of-backup}]"


EDITOR = "/heartbeat-editor?name=nightly-backup"


def change(runtime: Runtime, text: str) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(text, export(session)), NOW)


def add_a_heartbeat(runtime: Runtime) -> None:
    change(runtime, BACKUP)


def stored(runtime: Runtime) -> HeartbeatForm:
    with runtime.database.read() as session:
        return export(session).heartbeats[0]


def test_without_any_it_says_how_to_begin(alice: Browser) -> None:
    assert "No heartbeats yet" in alice.open("/heartbeats")


def test_a_failing_one_shows_what_it_said(runtime: Runtime, alice: Browser) -> None:
    add_a_heartbeat(runtime)
    assert "Never pinged" in alice.open("/heartbeats")
    alice.client.post("/ping/the-key-of-backup/fail", content=b"disk <full>")
    page = alice.open("/heartbeats")
    assert "Failed" in page
    assert "disk &lt;full&gt;" in page


def test_only_admins_and_managers_see_where_to_ping_and_edit(runtime: Runtime, alice: Browser, bob: Browser) -> None:
    add_a_heartbeat(runtime)
    assert "the-key-of-backup" not in alice.open("/heartbeats")
    assert "/heartbeat-editor" not in alice.open("/heartbeats")
    alice.open(EDITOR, status=403)
    assert "/ping/the-key-of-backup" in bob.open("/heartbeats")
    change(runtime, "teams: [{name: shop, managers: [alice]}]\nservices: [{name: web, team: shop}]")
    assert "/ping/the-key-of-backup" in alice.open("/heartbeats")

    alice.submit(EDITOR, "/heartbeat-editor", service="web", every="2h", alert_severity="error")
    assert stored(runtime).every == timedelta(hours=2)
    form = alice.forms(EDITOR)["/heartbeat-editor"] | {"alert_severity": "error", "enabled": "on"}
    assert alice.post("/heartbeat-editor", **(form | {"service": "search"})).status_code == 403
    change(runtime, "services: [{name: web, team: null}]")
    alice.open(EDITOR, status=403)


def test_one_is_made_edited_paused_and_deleted(runtime: Runtime, bob: Browser) -> None:
    new = {"name": "nightly-backup", "service": "web", "every": "24h", "alert_severity": "error", "alert_tags": "a, b"}
    page = bob.submit("/heartbeat-editor", "/heartbeat-editor", **new, enabled="on")
    assert "It raises nothing until its first ping" in page
    made = stored(runtime)
    assert f"/ping/{made.key}" in page
    assert (made.alert_tags, made.enabled, made.grace) == (["a", "b"], True, timedelta())

    form = bob.forms(EDITOR)["/heartbeat-editor"]
    assert made.key not in str(form)
    bob.submit(EDITOR, "/heartbeat-editor", service="search", alert_severity="error", grace="30m")
    assert (stored(runtime).service, stored(runtime).key, stored(runtime).enabled) == ("search", made.key, False)
    gone = bob.submit(EDITOR, "/heartbeats/nightly-backup/delete")
    assert "No heartbeats yet" in gone


def test_what_is_wrong_is_said_beside_it_and_what_somebody_else_did_above(runtime: Runtime, bob: Browser) -> None:
    add_a_heartbeat(runtime)
    form = bob.forms(EDITOR)["/heartbeat-editor"] | {"service": "web", "alert_severity": "error", "enabled": "on"}

    wrong = bob.post("/heartbeat-editor", **(form | {"every": "often", "alert_tags": "x" * 70}))
    assert wrong.status_code == 400
    for field in ("every", "alert_tags"):
        assert f'id="wrong-{field}"' in wrong.text
    change(runtime, "heartbeats: [{name: nightly-backup, grace: 1h}]")
    second = bob.post("/heartbeat-editor", **(form | {"every": "12h"}))
    assert second.status_code == 409
    assert "may be late by: 30m → 1h" in second.text
    assert 'value="12h"' in second.text
    bob.submit(EDITOR, "/heartbeats/nightly-backup/delete")
    gone = bob.post("/heartbeat-editor", **(form | {"every": "12h"}))
    assert "it is gone" in gone.text
    assert "make it anew" in gone.text
