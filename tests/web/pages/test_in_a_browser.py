"""Journeys in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from oncall.lifecycle.alert import AlertStatus
from oncall.running.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser, fire, link, stored
from tests.web.pages.chromium import DESKTOP, NARROW, PATIENCE, PHONE, Windows, misfits, moved, receive_in_pieces
from tests.web.pages.conftest import PASSWORD, Clock

pytestmark = needs("chromium-headless-shell")


def test_an_alert_is_read_and_acknowledged_by_keyboard_without_javascript(
    phone_without_javascript: Page, runtime: Runtime
) -> None:
    phone, number = phone_without_javascript, fire(runtime, "Disk full on db1")

    phone.goto(f"/alerts/{number}")
    phone.get_by_label("Handle").fill("alice")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Disk full on db1")).to_be_visible()
    assert phone.locator("[data-htmx-powered]").count() == 0  # no script has run
    phone.get_by_role("button", name="Acknowledge").press("Enter")

    expect(phone.get_by_role("main")).to_contain_text("You have it")
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def test_a_page_is_answered_by_the_link_in_its_message_by_somebody_who_has_not_signed_in(
    phone: Page, runtime: Runtime
) -> None:
    number = fire(runtime)

    phone.goto(link(runtime, number))
    phone.get_by_role("button", name="Acknowledge").tap()

    expect(phone.get_by_role("main")).to_contain_text("You have it")
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def _keep_still(route: Route) -> None:
    """No news, or the page would lead to the login by itself before anything is tapped."""
    is_news = "hx-request" in route.request.headers or route.request.url.endswith("/live")
    route.abort() if is_news else route.continue_()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_home_keeps_still_while_it_arrives(
    windows: Windows, alice: Browser, runtime: Runtime, device: dict[str, Any]
) -> None:
    for text in ("Disk full on db1", "Search is slow", "Queue is long"):
        fire(runtime, text)
    window = windows.open(device, alice)

    receive_in_pieces(window, "/")

    expect(window.get_by_role("heading", name="Open alerts, 3")).to_be_visible()
    assert moved(window) == []


def test_a_login_that_has_ended_costs_a_password_and_nothing_else(
    windows: Windows, alice: Browser, runtime: Runtime, clock: Clock
) -> None:
    phone, number = windows.open(NARROW, alice), fire(runtime)
    phone.route("**/*", _keep_still)  # from the start: what is asked before may be answered after the login has ended
    phone.goto(f"/alerts/{number}")
    clock.forward(days=31)

    phone.get_by_role("button", name="Acknowledge").tap()
    phone.get_by_label("Handle").fill("alice")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in").tap()
    expect(phone.get_by_role("heading", name="Go on where you were?")).to_be_visible()
    assert misfits(phone) == []
    phone.get_by_role("button", name="Do it now").tap()

    expect(phone.get_by_role("main")).to_contain_text("You have it")
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def test_an_open_list_shows_what_happens_elsewhere_at_once_and_keeps_what_is_checked(
    windows: Windows, alice: Browser, bob: Browser, runtime: Runtime
) -> None:
    kept, taken = fire(runtime, "Disk full on db1"), fire(runtime, "Error rate 12 %")
    phone = windows.open(NARROW, alice)
    phone.goto("/alerts")
    phone.get_by_label(f"#{kept}").check()

    bob.submit(f"/alerts/{taken}", f"/alerts/{taken}/acknowledge")
    expect(phone.locator(f"#alert-{taken}")).to_contain_text("Bob has it")
    expect(phone.get_by_label(f"#{kept}")).to_be_checked()
    phone.get_by_role("button", name="Acknowledge").tap()

    expect(phone.get_by_role("main")).to_contain_text("1 acknowledged: you have it.")
    assert stored(runtime, kept).status is AlertStatus.ACKNOWLEDGED


def test_a_page_that_was_cut_off_says_so_at_once_and_is_up_to_date_soon_after(
    windows: Windows, alice: Browser, runtime: Runtime
) -> None:
    phone = windows.open(PHONE, alice)
    phone.goto("/")
    stale = phone.locator("#stale")

    phone.context.set_offline(True)
    expect(stale).to_be_visible(timeout=PATIENCE)  # once more, where an answer was under way
    fire(runtime, "Error rate 12 %")
    phone.context.set_offline(False)

    expect(stale).to_be_hidden(timeout=PATIENCE)  # sooner than the stream that tells of news would have it asked
    expect(phone.get_by_role("main")).to_contain_text("Error rate 12 %")


def test_the_keyboard_goes_through_home_as_it_is_seen(windows: Windows, alice: Browser, runtime: Runtime) -> None:
    """Where alerts are drawn below what they stand before on a phone."""
    fire(runtime)
    window = windows.open(DESKTOP, alice)
    window.goto("/")
    window.locator("#main").focus()

    tops = []
    while window.evaluate("document.activeElement.matches('main, main *')"):
        tops.append(window.evaluate("document.activeElement.closest('section, .said, main').getBoundingClientRect().y"))
        window.keyboard.press("Tab")

    assert len(set(tops)) > 2
    assert tops == sorted(tops)


def test_whoever_is_invited_chooses_a_password_on_their_phone(windows: Windows, bob: Browser) -> None:
    page = bob.submit("/people", "/people/new", name="Dora Dean", handle="dora", timezone="Europe/Lisbon", role="user")
    phone = windows.open(PHONE)
    phone.goto(re.findall(r'value="http://testserver(/welcome/[^"]+)"', page)[0])
    phone.get_by_label("Password").fill("a long enough one")
    phone.get_by_role("button", name="Choose it and sign in").tap()

    expect(phone).to_have_url(re.compile("/me$"))
