"""The contact with our numbers, as a phone downloads it."""

import shutil
from pathlib import Path

import pytest
import vobject
from playwright.sync_api import expect

from oncall.running.runtime import Runtime, build_runtime
from tests.conftest import make_settings
from tests.delivery.test_our_card import WITH_NUMBERS
from tests.system import needs
from tests.web.pages.browser import Browser
from tests.web.pages.chromium import PHONE, Windows
from tests.web.pages.conftest import Clock

pytestmark = needs("chromium-headless-shell")


@pytest.fixture
def runtime(company: Path, tmp_path: Path, clock: Clock) -> Runtime:
    file = shutil.copy(company, tmp_path / "oncall.db")
    return build_runtime(make_settings(f"sqlite:///{file}", **WITH_NUMBERS), clock, with_engine=False)


def test_it_is_saved_from_the_page_that_names_the_numbers(windows: Windows, alice: Browser) -> None:
    phone = windows.open(PHONE, alice, accept_downloads=True)
    phone.goto("/me/reached")
    expect(phone.locator("#our-numbers")).to_contain_text("+12025550100, +12025550200 and oncall@example.com")
    phone.get_by_text("iPhone", exact=True).tap()
    expect(phone.locator("#our-numbers")).to_contain_text("Emergency Bypass")

    with phone.expect_download() as saved:
        phone.get_by_role("link", name="Save the contact").tap()

    assert saved.value.suggested_filename == "oncall.vcf"
    card = vobject.readOne(saved.value.path().read_text())
    card.validate()
    assert card.version.value == "3.0"
    assert [number.value for number in card.tel_list] == ["+12025550100", "+12025550200"]
