"""The menu that leads everywhere, by a tap and by keyboard."""

from playwright.sync_api import expect

from tests.system import needs
from tests.web.pages.browser import Browser
from tests.web.pages.chromium import DESKTOP, NARROW, Windows

pytestmark = needs("chromium-headless-shell")


def test_the_menu_opens_by_a_tap_without_javascript(windows: Windows, alice: Browser) -> None:
    phone = windows.open(NARROW, alice, java_script_enabled=False)
    phone.goto("/")

    phone.locator(".more summary").tap()
    phone.get_by_role("link", name="Escalation policies").tap()

    expect(phone.get_by_role("heading", name="Escalation policies")).to_be_visible()


def test_the_menu_is_left_by_escape_to_where_it_was_opened(windows: Windows, alice: Browser) -> None:
    desktop = windows.open(DESKTOP, alice)
    desktop.goto("/policies")
    summary = desktop.locator(".more summary")
    summary.focus()

    desktop.keyboard.press("Enter")
    desktop.keyboard.press("Tab")
    expect(desktop.locator(".more a", has_text="Services")).to_be_focused()
    desktop.keyboard.press("Escape")

    expect(summary).to_be_focused()
    expect(desktop.locator(".more nav")).to_be_hidden()
