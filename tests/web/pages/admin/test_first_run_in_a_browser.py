"""The first run as somebody does it: on a phone, from the printed link until the page that it was for is answered."""

import re
from collections.abc import Callable, Iterator
from time import monotonic

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from oncall.running.runtime import Runtime, build_runtime
from oncall.settings import Settings
from oncall.setup.first_run import code_of
from tests.application import listening
from tests.client import TestClient
from tests.system import needs
from tests.web.pages.chromium import PHONE, Windows, misfits
from tests.web.pages.conftest import PASSWORD
from web.app import create_app

pytestmark = needs("chromium-headless-shell")


@pytest.fixture
def empty(sqlite_settings: Settings) -> Runtime:
    return build_runtime(sqlite_settings.model_copy(update={"demo": True}))


@pytest.fixture
def windows(empty: Runtime, chromium: Chromium) -> Iterator[Windows]:
    """At an installation whose engine runs."""
    with TestClient(create_app(empty)) as client, listening(client.app) as address:
        opened = Windows(chromium, address)
        yield opened
        opened.close()
    assert opened.faults == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).tap()


def test_from_an_empty_database_to_a_page_that_was_answered(
    windows: Windows, empty: Runtime, figure: Callable[[str], None]
) -> None:
    began, page = monotonic(), windows.open(PHONE, timezone_id="Europe/Berlin")

    page.goto(f"/setup?code={code_of(empty.signer)}")
    page.get_by_label("Your name").fill("Ann Lee")
    page.get_by_label("Handle").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    expect(page.get_by_label("Your time zone")).to_have_value("Europe/Berlin")
    assert misfits(page) == []
    press(page, "Begin")
    page.get_by_label("Name of the team").fill("payments")
    page.get_by_label("Who else takes turns").fill("Bob Baker, bob@example.com")
    press(page, "Make the team")
    page.get_by_label("Name of the service").fill("payments-api")
    press(page, "Make the service")
    page.get_by_label("Number or address").fill("+1 202 555 0100")
    press(page, "Send me a code")
    phone = windows.open(PHONE)
    phone.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    phone.goto("/phone")
    code = phone.get_by_text(re.compile(r"^\s*\d{6} is your code"))
    expect(code).to_be_visible()
    page.get_by_label("Code").fill(code.inner_text().split()[0])
    press(page, "Confirm")
    press(page, "Fire a test alert")

    expect(page.locator("#live")).to_contain_text("Text to Ann Lee")
    phone.goto("/phone")
    expect(phone.get_by_role("main")).to_contain_text("TEST: ")
    phone.get_by_label("Answer as Ann Lee").fill("1a")
    press(phone, "Send")
    expect(page.get_by_role("main")).to_contain_text("That is all.")
    expect(page.get_by_role("main")).to_contain_text("All five steps are done.")
    figure(f"first run, from the printed link to an answered page: {monotonic() - began:.0f} s in a browser")
