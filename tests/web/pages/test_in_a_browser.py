"""What only a real browser shows: that everything fits on a narrow phone, and that scripts are not needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import text_to_be_present_in_element
from selenium.webdriver.support.wait import WebDriverWait
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.lifecycle.alert import AlertStatus
from oncall.models import ContactMethod
from oncall.runtime import Runtime
from tests.application import listening
from tests.system import needs
from tests.web.pages.browser import Browser, deliver, fire, link, person, stored
from tests.web.pages.chromium import NARROW, TOUCH, chromium
from tests.web.pages.conftest import NOW, PASSWORD
from tests.web.pages.test_changes import tell
from web.edge import COOKIE

pytestmark = [needs("chromium"), needs("chromedriver")]

PAGES = [
    "/",
    "/alerts",
    "/alerts?q=nothing+is+called+this",
    "/alerts/1",
    "/heartbeats",
    "/maintenance",
    "/suppressed",
    "/schedules",
    "/schedules/dev",
    "/schedules/dev/publishing",
    "/swaps",
    "/swaps/1",
    "/swaps/new",
    "/me",
    "/burden",
    "/changes",
    "/changes?service=nothing",
    "/services",
    "/services/web",
    "/services/web/keys/events",
    "/services/web/keys/events?shown=1",
    "/phone",
    "/login",
    "/schedules/nothing",
]
LONG = "Wolfeschlegelsteinhausenbergerdorff Konstantinopoulou-Featherstonehaugh"
WRONG = """
const [width, touch] = arguments;
document.querySelectorAll("details").forEach((each) => (each.open = true));
const boxes = [...document.querySelectorAll("main, main *, .top *, .tabs *")];
const isSideways = document.documentElement.scrollWidth > innerWidth || innerWidth > width;
const wide = boxes.filter((each) => isSideways && each.getBoundingClientRect().right > width + 1);
const tapped = "a, button, select, summary, input:not(.hidden, [type=checkbox])";
const isOfALine = (each) => getComputedStyle(each).display == "inline" || !each.getClientRects().length;
const low = boxes.filter((each) => each.matches(tapped) && !isOfALine(each) && each.offsetHeight < touch);
const shown = (what, each) => `${what}: ${each.outerHTML.slice(0, 90)}`;
return [...wide.map((each) => shown("too wide", each)), ...low.map((each) => shown("too low", each))].slice(0, 4);
"""
"""What is beyond the edge of a page that scrolls sideways, and what is too low to be tapped; links in a text may be."""


@pytest.fixture
def address(stranger: TestClient, runtime: Runtime) -> Iterator[str]:
    with listening(stranger.app) as address:
        yield address
        runtime.live.stop()  # or the server would wait for pages that are still open


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Chrome]:
    with chromium(tmp_path / "profile") as driver:
        yield driver


@pytest.fixture
def busy(runtime: Runtime, bob: Browser) -> Browser:
    """Bob's browser, when every page has something on it, and long names."""
    tell(runtime, f"deploy {'web-' * 40}4711", author=LONG.replace(" ", ""), source="ci-" * 60)
    number = fire(
        runtime,
        "com.example.payments.gateway.ThreeDomainSecureAuthenticationTimeoutException/9f8e7d6c5b4a3928",
        links=[{"href": f"https://runbooks.example.com/{'very-' * 20}long"}],
        details={"trace": "x" * 300, "host": "db-7"},
    )
    deliver(runtime, number)
    with runtime.database.transaction() as session:
        bob_himself, alice = person(session, "bob"), person(session, "alice")
        bob_himself.name = alice.name = LONG
        session.add(bob_himself)
        method = str(session.exec(select(ContactMethod.id).where(ContactMethod.user_id == bob_himself.id)).first())
        apply(session, Config.model_validate({"schedules": [{"name": LONG, "timezone": "UTC", "levels": ["L1"]}]}), NOW)
    web = {"about": "service:web", "reason": "x" * 290, "end": "2026-03-02T23:00", "repeats": "weekly"}
    bob.submit("/maintenance", "/maintenance", **web)
    window = {"start": "2026-03-04T10:00", "end": "2026-03-05T10:00"}
    for form, fields in {
        "overrides": {"kind": "add", "person": "bob", "confirm": "yes"},
        "shadows": {"person": "alice"},
        "temporary": {"on L1": "bob", "note": LONG, "confirm": "yes"},
        "subscribe": {},
    }.items():
        bob.submit("/schedules/dev", f"/schedules/dev/{form}", level="L1", **window, **fields)
    bob.submit("/me", "/me/absences", reason=LONG, **window)
    bob.submit("/me", "/me/calendar")
    bob.submit("/me", "/me/tokens", name=LONG)
    bob.submit("/me", "/me/rules", urgency="high", minutes="0", method_id=method)
    bob.submit("/services/web", "/services/web/keys", key="events", tool="alertmanager")
    bob.submit("/services/web/keys/events", "/services/web/keys/events/test", pages="yes")
    offer = "/swaps/new?schedule=dev&level=L2&start=2026-03-05T12:00Z&end=2026-03-06T12:00Z"
    bob.submit(offer, "/swaps", note=LONG)
    return bob


def test_every_page_fits_a_narrow_phone_and_a_thumb(phone: Chrome, address: str, busy: Browser) -> None:
    phone.get(f"{address}/login")
    phone.add_cookie({"name": COOKIE, "value": busy.client.cookies[COOKIE]})
    found = {}
    for path in PAGES:
        phone.get(f"{address}{path}")
        assert "oncall" in phone.title
        found[path] = phone.execute_script(WRONG, NARROW, TOUCH)

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def wait_for(phone: Chrome, words: str) -> None:
    """Until the page says so."""
    WebDriverWait(phone, 10).until(text_to_be_present_in_element((By.TAG_NAME, "main"), words))


def test_an_alert_is_read_and_acknowledged_by_keyboard_without_javascript(
    phone: Chrome, address: str, runtime: Runtime
) -> None:
    number = fire(runtime, "Disk full on db1")
    phone.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    phone.get(f"{address}/alerts/{number}")
    phone.find_element(By.NAME, "handle").send_keys("alice")
    phone.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
    wait_for(phone, "Disk full on db1")
    assert not phone.find_elements(By.CSS_SELECTOR, "[data-htmx-powered]")  # no script has run
    phone.find_element(By.XPATH, "//button[.='Acknowledge']").send_keys(Keys.ENTER)

    wait_for(phone, "You have it")
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def test_a_page_is_answered_by_the_link_in_its_message_by_somebody_who_has_not_signed_in(
    phone: Chrome, address: str, runtime: Runtime
) -> None:
    number = fire(runtime, "com.example.payments.gateway.ThreeDomainSecureAuthenticationTimeoutException")

    phone.get(f"{address}{link(runtime, number)}")
    assert phone.execute_script(WRONG, NARROW, TOUCH) == []
    phone.find_element(By.XPATH, "//button[.='Acknowledge']").click()

    wait_for(phone, "You have it")
    assert phone.execute_script(WRONG, NARROW, TOUCH) == []
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED


def test_an_open_list_shows_what_happens_elsewhere_at_once_and_keeps_what_is_checked(
    phone: Chrome, address: str, runtime: Runtime, alice: Browser, bob: Browser
) -> None:
    kept, gone = fire(runtime, "Disk full on db1"), fire(runtime, "Error rate 12 %")
    phone.get(f"{address}/login")
    phone.add_cookie({"name": COOKIE, "value": alice.client.cookies[COOKIE]})
    phone.get(f"{address}/alerts")
    phone.find_element(By.CSS_SELECTOR, f"#line-{kept} .pick").click()

    bob.submit(f"/alerts/{gone}", f"/alerts/{gone}/acknowledge")
    wait_for(phone, "Bob has it")
    fire(runtime, "Certificate expires tomorrow")
    wait_for(phone, "Certificate expires tomorrow")
    assert phone.execute_script(WRONG, NARROW, TOUCH) == []
    phone.find_element(By.XPATH, "//form[@id='several']//button[.='Acknowledge']").send_keys(Keys.ENTER)

    wait_for(phone, "1 acknowledged: you have it.")
    assert stored(runtime, kept).acknowledged_by_id == 1
