"""Getting from a page to every other one."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.pages.browser import Browser
from tests.web.pages.chromium import DESKTOP, NARROW, Windows

FOR_ALL = ["/services", "/teams", "/policies", "/would-page", "/maintenance", "/heartbeats", "/changes", "/suppressed"]
FOR_ALL += ["/people", "/reports", "/burden"]
FOR_ADMINS = ["/admin", "/admin/audit", "/admin/settings", "/setup"]


def menu(page: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', page.partition('<details class="menu more">')[2].partition("</details>")[0])


@pytest.mark.parametrize("path", ["/", "/alerts", "/schedules/dev", "/me", "/services/web"])
def test_the_menu_leads_everywhere_from_every_page(alice: Browser, bob: Browser, path: str) -> None:
    assert sorted(menu(alice.open(path))) == sorted(FOR_ALL)
    assert sorted(menu(bob.open(path))) == sorted(FOR_ALL + FOR_ADMINS)


def test_all_that_the_menu_leads_to_is_there_and_marks_itself(bob: Browser) -> None:
    for path in FOR_ALL + FOR_ADMINS:
        marked = re.findall(r'href="([^"]+)" aria-current="page"', bob.open(path).partition("<main")[0])
        assert set(marked) == {path}


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
