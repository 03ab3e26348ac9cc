"""On the home screen of a phone, and without a network."""

import hashlib
import json
import re

from playwright.sync_api import Page, expect

from oncall.lifecycle.alert import AlertStatus
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.system import needs
from tests.web.pages.browser import Browser, fire, stored
from tests.web.pages.chromium import PHONE, Windows

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_everything_that_an_installed_app_needs_is_there(stranger: TestClient) -> None:
    address = re.search(r'rel="manifest" href="([^"]+)"', stranger.get("/login").text)
    assert address is not None
    response = stranger.get(address[1])
    manifest = json.loads(response.text)

    assert response.headers["content-type"].startswith("application/manifest+json")
    for icon in manifest["icons"]:
        picture = stranger.get(f"/static/{icon['src']}").content
        if icon["type"] == "image/png":
            width = int.from_bytes(picture[16:20], "big")
            assert (picture[:8], f"{width}x{width}") == (SIGNATURE, icon["sizes"])
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert [icon["sizes"] for icon in manifest["icons"] if icon.get("purpose") == "maskable"] == ["512x512"]
    assert all(stranger.get(each["url"]).status_code in (200, 303) for each in manifest["shortcuts"])


def test_the_service_worker_changes_with_what_it_keeps(stranger: TestClient) -> None:
    worker = stranger.get("/sw.js")

    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"
    kept = re.findall(r'"(/[^"]+)"', worker.text)
    assert [path.partition("?")[0] for path in kept] == [
        "/offline",
        "/static/app.css",
        "/static/vendor/lucide.svg",
        "/static/favicon.svg",
    ]
    assert [path for path in kept if stranger.get(path).status_code != 200] == []
    assert hashlib.sha256(stranger.get("/offline").content).hexdigest() in worker.text


@needs("chromium-headless-shell")
def test_without_a_network_a_page_says_how_to_answer(windows: Windows, bob: Browser) -> None:
    phone = windows.open(PHONE, bob, service_workers="allow")
    phone.goto("/")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")

    phone.context.set_offline(True)
    phone.goto("/alerts")
    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()
    assert phone.locator(".sheet").evaluate("(sheet) => getComputedStyle(sheet).maxWidth") == "480px"

    phone.context.set_offline(False)
    phone.get_by_role("link", name="Try again").tap()
    expect(phone.get_by_role("heading", name="Alerts")).to_be_visible()
    assert phone.evaluate("caches.match('/alerts').then((found) => found === undefined)")


def _alert(windows: Windows, bob: Browser, number: int) -> Page:
    """Its page, which the service worker has."""
    phone = windows.open(PHONE, bob, service_workers="allow")
    phone.goto(f"/alerts/{number}")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.reload()
    return phone


@needs("chromium-headless-shell")
def test_what_was_sent_without_a_network_leads_back_to_where_it_is_sent_again(
    windows: Windows, bob: Browser, runtime: Runtime
) -> None:
    number = fire(runtime)
    phone = _alert(windows, bob, number)

    phone.context.set_offline(True)
    phone.get_by_role("button", name="Acknowledge").tap()
    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()

    phone.context.set_offline(False)
    phone.get_by_role("link", name="Try again").tap()
    phone.get_by_role("button", name="Acknowledge").tap()
    expect(phone.get_by_role("main")).to_contain_text("You have it")
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


@needs("chromium-headless-shell")
def test_what_did_not_arrive_is_said_even_where_the_next_request_does(
    windows: Windows, bob: Browser, runtime: Runtime
) -> None:
    number = fire(runtime)
    phone = _alert(windows, bob, number)

    phone.context.route("**/acknowledge", lambda route: route.abort())
    phone.get_by_role("button", name="Acknowledge").tap()

    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()
    assert stored(runtime, number).status is AlertStatus.TRIGGERED
