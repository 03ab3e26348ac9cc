"""A service that is deleted: asked first, in no list where one chooses, and where its past is still found."""

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, fire, stored
from tests.web.pages.conftest import NOW

EDITOR = "/service-editor?name=old-shop"
TO_CHOOSE = (
    *("/services", "/service-editor", "/service-editor?name=web", "/heartbeat-editor", "/would-page", "/maintenance"),
    *("/policies/dev", "/suppressed", "/teams/shop"),
)
TO_LOOK_BACK = ("/alerts", "/changes")
SHOP = """
teams:
  - name: shop
    managers: [alice]
    integration_keys:
      - name: all
        tool: generic
        service: web
        rules: [{name: disks, when: [{field: summary, contains: disk}], service: web}]
services:
  - name: old-shop
    team: shop
    escalation_policy: dev
    integration_keys: [{name: metrics, tool: generic, key: key-of-old-shop}]
"""


@pytest.fixture(autouse=True)
def shop(runtime: Runtime) -> None:
    change(runtime, SHOP)


def change(runtime: Runtime, text: str) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(text, export(session)), NOW)


def confirm(browser: Browser) -> str:
    return browser.client.post(
        "/services/old-shop/delete", data={**browser.forms(EDITOR)["/services/old-shop/delete"], "confirm": "yes"}
    ).text


def test_what_goes_with_it_is_asked_first(runtime: Runtime, alice: Browser, stranger: TestClient) -> None:
    change(runtime, "heartbeats: [{name: nightly, service: old-shop, every: 24h}]")
    stranger.post("/ingest/generic/key-of-old-shop", json={"summary": "Disk full", "dedup_key": "disk"})
    stranger.post("/ingest/generic/key-of-old-shop", json={"action": "resolve", "dedup_key": "disk"})
    runtime.journal.write()

    asked = alice.post("/services/old-shop/delete", **alice.forms(EDITOR)["/services/old-shop/delete"])
    assert asked.status_code == 409
    assert "The integration key metrics of old-shop" in asked.text
    assert "which would be deleted: nightly" in asked.text
    assert 'href="/services/old-shop"' in asked.text  # “Leave it as it was”
    assert "old-shop" in alice.open("/services")

    gone = confirm(alice)
    assert "The service old-shop is deleted." in gone
    assert 'href="/services/old-shop"' not in gone
    refused = stranger.post("/ingest/generic/key-of-old-shop", json={"summary": "Disk full"})
    assert refused.status_code == 404


def test_nobody_but_its_team_and_admins_can(alice: Browser, bob: Browser, vera: Browser, runtime: Runtime) -> None:
    change(runtime, "services: [{name: old-shop, team: null}]")
    for other in (alice, vera):
        form = other.forms("/services")
        assert "/services/old-shop/delete" not in form
        assert other.post("/services/old-shop/delete").status_code == 403
    assert "is deleted" in bob.submit(EDITOR, "/services/old-shop/delete")


def test_an_open_alert_keeps_it(runtime: Runtime, alice: Browser) -> None:
    number = fire(runtime, service="old-shop")
    assert "it has 1 open alert" in alice.submit(EDITOR, "/services/old-shop/delete")
    alice.submit(f"/alerts/{number}", f"/alerts/{number}/resolve")
    assert "is deleted" in alice.submit(EDITOR, "/services/old-shop/delete")


def test_it_is_nowhere_to_choose_and_its_past_is_where_it_was(runtime: Runtime, bob: Browser) -> None:
    number = fire(runtime, service="old-shop")
    bob.submit(f"/alerts/{number}", f"/alerts/{number}/resolve")
    for page in (*TO_CHOOSE, *TO_LOOK_BACK):
        assert "old-shop" in bob.open(page), page

    bob.submit(EDITOR, "/services/old-shop/delete")
    bob.open("/")  # what was said is said once
    for page in TO_CHOOSE:
        assert "old-shop" not in bob.open(page), page
    for page in (*TO_LOOK_BACK, f"/alerts/{number}", "/alerts?service=old-shop&status=all"):
        assert "old-shop" in bob.open(page), page
    assert "Disk full on db1" in bob.open("/alerts?service=old-shop&status=all")
    lost = bob.open("/services/old-shop", status=404)
    assert "The service old-shop was deleted on 2026-03-02." in lost
    assert 'href="/alerts?service=old-shop&amp;status=all"' in lost
    assert stored(runtime, number).resolved_at is not None


def test_no_rule_can_lead_to_it(bob: Browser) -> None:
    rules = "/teams/shop/keys/all"
    assert '<option value="old-shop"' in bob.submit(rules, rules, do="edit 0")
    bob.submit(EDITOR, "/services/old-shop/delete")
    assert "old-shop" not in bob.submit(rules, rules, do="edit 0")


def test_a_team_counts_it_no_more(bob: Browser) -> None:
    assert "1 service" in bob.open("/teams")
    bob.submit(EDITOR, "/services/old-shop/delete")
    assert "no services" in bob.open("/teams")


def test_its_name_makes_it_again(bob: Browser) -> None:
    bob.submit(EDITOR, "/services/old-shop/delete")
    made = bob.submit("/service-editor", "/service-editor", name="old-shop", escalation_policy="dev", urgency="high")
    assert "It is there. Connect a tool to it next." in made
    assert "metrics" not in bob.open("/services/old-shop")
    assert 'href="/services/old-shop"' in bob.open("/services")


def test_whoever_may_make_one_may_give_its_name_again(alice: Browser, bob: Browser) -> None:
    bob.submit("/service-editor?name=search", "/services/search/delete")
    asks = {"name": "search", "team": "shop", "escalation_policy": "dev", "urgency": "high"}
    assert "It is there. Connect a tool to it next." in alice.submit("/service-editor", "/service-editor", **asks)
