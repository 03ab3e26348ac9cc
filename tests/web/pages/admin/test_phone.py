"""The demo's Phone."""

from oncall.lifecycle.alert import AlertStatus
from oncall.running.runtime import Runtime, build_runtime
from oncall.settings import Settings
from tests.client import TestClient
from tests.web.pages.browser import Browser, deliver, fire, stored
from web.app import create_app


def test_a_text_that_is_answered_acknowledges(bob: Browser, runtime: Runtime) -> None:
    number = fire(runtime)
    deliver(runtime, number, lambda row: row.kind == "sms")
    assert f"CRITICAL web: alert {number}" in bob.open("/phone")

    page = bob.submit("/phone", "/phone/texts", text=f"ack {number}")

    assert f"#{number} acknowledged" in page
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def test_a_key_in_a_call_acknowledges_and_others_are_answered_without_effect(bob: Browser, runtime: Runtime) -> None:
    number = fire(runtime)
    (call,) = deliver(runtime, number, lambda row: row.kind == "voice")
    keys = f"/phone/calls/{call}/keys"

    assert "Acknowledge means that you are on it" in bob.submit("/phone", keys, key="0")
    assert f"alert {number}" in bob.submit("/phone", keys, key="*")
    assert stored(runtime, number).status is AlertStatus.TRIGGERED

    page = bob.submit("/phone", keys, key="4")
    assert f"#{number} acknowledged" in page
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def test_it_can_be_narrowed_to_one_person(bob: Browser, runtime: Runtime) -> None:
    deliver(runtime, fire(runtime))

    assert "Phone of Alice Archer" in bob.open("/phone?person=alice")
    assert "No message has reached this person yet." in bob.open("/phone?person=bob")


def test_it_is_not_there_outside_the_demo(sqlite_settings: Settings) -> None:
    with TestClient(create_app(build_runtime(sqlite_settings, with_engine=False))) as client:
        assert client.get("/phone").status_code == 404
