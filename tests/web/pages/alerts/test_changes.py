"""The page of changes, and what an alert's page says of those before it."""

from typing import Any

from oncall.changes import record
from oncall.ingest.change import Change
from oncall.running.runtime import Runtime
from oncall.setup.integration_keys import find_service
from tests.web.pages.browser import Browser, fire
from tests.web.pages.conftest import Clock


def tell(runtime: Runtime, summary: str, service: str = "web", **fields: Any) -> None:
    with runtime.database.transaction() as session:
        service_id = find_service(session, service).id or 0
        record(session, service_id, Change(summary, **fields), "ci", runtime.clock())


def test_an_alert_shows_what_changed_before_it(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    links = [{"href": "https://ci.example.org/4711", "text": "Open"}, {"href": "javascript:alert(1)", "text": "x"}]
    tell(runtime, "deploy web #4711", author="bob", links=links)
    tell(runtime, "deploy search #7", "search")
    clock.forward(minutes=4)
    page = alice.open(f"/alerts/{fire(runtime)}")
    assert "Changed before" in page
    assert '<a href="https://ci.example.org/4711"' in page
    assert "4 min before" in page
    assert "by bob" in page
    assert 'href="/changes?service=web"' in page
    assert "deploy search #7" not in page
    assert "javascript:" not in page


def test_an_alert_that_follows_no_change_says_nothing_of_them(alice: Browser, runtime: Runtime) -> None:
    assert "Changed before" not in alice.open(f"/alerts/{fire(runtime)}")


def test_the_changes_of_all_services_or_of_one(vera: Browser, runtime: Runtime) -> None:
    empty = vera.open("/changes")
    assert "No changes yet" in empty
    assert "/ingest/change/KEY" in empty
    tell(runtime, "deploy <web>")
    tell(runtime, "deploy search #7", "search")
    everything = vera.open("/changes")
    assert "deploy &lt;web&gt;" in everything
    assert "deploy search #7" in everything
    assert "deploy search #7" not in vera.open("/changes?service=web")
    assert "No change fits this filter" in vera.open("/changes?service=nothing")


def test_there_is_a_way_to_older_ones(vera: Browser, runtime: Runtime) -> None:
    for number in range(51):
        tell(runtime, f"deploy web #{number}!")
    first = vera.open("/changes?service=web")
    assert "deploy web #50!" in first
    assert "deploy web #0!" not in first
    assert "/changes?service=web&amp;before=2" in first
    assert "deploy web #0!" in vera.open("/changes?service=web&before=2")


def test_who_is_not_signed_in_sees_none(stranger: Any) -> None:
    assert stranger.get("/changes").status_code == 303
