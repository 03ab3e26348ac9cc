"""What only a real browser shows of reports: that their pictures are drawn, and fit on a narrow phone."""

from oncall.alerts.actions import Actor, acknowledge
from oncall.running.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.chromium import NARROW, Windows
from tests.web.pages.conftest import Clock

pytestmark = needs("chromium-headless-shell")

INKED = """
() => [...document.querySelectorAll("figure canvas")].filter(
  (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)
).length
"""


def test_each_picture_is_drawn_and_fits(runtime: Runtime, alice: Browser, windows: Windows, clock: Clock) -> None:
    clock.forward(hours=16)  # two in the morning
    number = fire(runtime, "com.example.payments.ThreeDomainSecureAuthenticationTimeoutException " * 3)
    clock.forward(hours=1)
    with runtime.database.transaction() as session:
        acknowledge(session, number, Actor(person(session, "alice"), "on the web"), clock())
    clock.forward(hours=1)
    phone = windows.open(NARROW, alice)

    phone.goto("/reports")
    phone.locator("figure canvas").nth(6).wait_for()
    phone.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    assert phone.evaluate(INKED) == 7
    assert phone.evaluate("document.documentElement.scrollWidth") == NARROW["viewport"]["width"]
