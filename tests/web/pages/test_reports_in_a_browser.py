"""What only a real browser shows of reports: that their pictures are drawn, and fit on a narrow phone."""

from pathlib import Path

from fastapi.testclient import TestClient
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from oncall.alerts.actions import Actor, acknowledge
from oncall.runtime import Runtime
from tests.application import listening
from tests.system import needs
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.chromium import NARROW, chromium
from tests.web.pages.conftest import Clock
from web.edge import COOKIE

pytestmark = [needs("chromium"), needs("chromedriver")]

DRAWN = """
const isInked = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
return [...document.querySelectorAll("figure canvas")].filter(isInked).length;
"""


def test_each_picture_is_drawn_and_fits(
    stranger: TestClient, alice: Browser, runtime: Runtime, clock: Clock, tmp_path: Path
) -> None:
    clock.forward(hours=16)  # two in the morning
    number = fire(runtime, "com.example.payments.ThreeDomainSecureAuthenticationTimeoutException " * 3)
    clock.forward(hours=1)
    with runtime.database.transaction() as session:
        acknowledge(session, number, Actor(person(session, "alice"), "on the web"), clock())
    clock.forward(hours=1)

    with listening(stranger.app) as address, chromium(tmp_path / "profile") as driver:
        driver.get(f"{address}/login")
        driver.add_cookie({"name": COOKIE, "value": alice.client.cookies[COOKIE]})
        driver.get(f"{address}/reports")
        WebDriverWait(driver, 20).until(lambda _: len(driver.find_elements(By.CSS_SELECTOR, "figure canvas")) == 7)

        assert driver.execute_script(DRAWN) == 7
        assert driver.execute_script("return document.documentElement.scrollWidth") == NARROW
        assert [entry["message"] for entry in driver.get_log("browser")] == []  # the page's policy refuses nothing
