"""The page that says who would be paged."""

from oncall.models import Alert
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser


def test_it_begins_with_now_and_leaves_no_alert(vera: Browser, runtime: Runtime) -> None:
    page = vera.open("/would-page")

    assert "Alice Archer (dev L1) would be paged: the alert triggered" in page
    assert "no answer from Alice Archer for 5 min" in page
    assert "+ 5 min" in page
    with runtime.database.read() as session:
        assert session.get(Alert, 1) is None


def test_it_says_by_what_and_not_what_others_call_it(alice: Browser, vera: Browser) -> None:
    first = [browser.open("/would-page").partition("no answer from")[0] for browser in (alice, vera)]

    assert all("</svg>text" in page for page in first)
    assert ["mobile" in page for page in first] == [True, False]


def test_any_moment_is_on_the_clock_of_the_reader(vera: Browser) -> None:
    page = vera.open("/would-page?service=web&severity=info&at=2026-03-07T03:00")

    assert "Sat 7 Mar 03:00" in page
    assert "can wait" in page
    assert "Nobody is on call for dev L1" in page
    assert "and so on, until somebody acknowledges" in page


def test_what_can_not_be_read_stays_in_the_form_with_why(vera: Browser) -> None:
    page = vera.open("/would-page?service=web&severity=info&at=noon", status=400)

    assert 'value="noon"' in page
    assert "Say when it fires" in page
    assert "no severity" in vera.open("/would-page?severity=bad", status=400)
    vera.open("/would-page?service=shop", status=404)
