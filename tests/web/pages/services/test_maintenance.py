"""The page Maintenance, and the banner where its alerts are."""

from oncall.running.runtime import Runtime
from tests.web.pages.alerts.test_alert import text_of
from tests.web.pages.browser import Browser, fire
from tests.web.pages.conftest import Clock

BEGIN = {"about": "service:web", "reason": "db upgrade", "end": "2026-03-02T23:00"}


def test_it_is_begun_extended_and_ended(bob: Browser, clock: Clock) -> None:
    assert "Maintenance of web is on." in bob.submit("/maintenance", "/maintenance", **BEGIN)
    (extend,) = [action for action in bob.forms("/maintenance") if action.endswith("/extend")]

    assert "It ends an hour later." in bob.submit("/maintenance", extend)
    assert "It is over" in bob.submit("/maintenance", extend.replace("/extend", "/end"))
    assert "Nothing is in maintenance now." in bob.open("/maintenance")


def test_how_it_comes_again_is_said_in_words(bob: Browser) -> None:
    bob.submit("/maintenance", "/maintenance", **BEGIN, repeats="weekdays")

    assert "every week on Mon, Tue, Wed, Thu, Fri, on the clocks of New York" in text_of(bob.open("/maintenance"))


def test_what_begins_now_and_comes_again_is_on_at_once(bob: Browser, clock: Clock) -> None:
    clock.forward(microseconds=530_297)
    bob.submit("/maintenance", "/maintenance", **BEGIN, repeats="weekly")

    page = text_of(bob.open("/maintenance"))
    assert "Nothing is in maintenance now." not in page
    assert "– 23:00 · every week" in page


def test_what_is_planned_twice_is_there_once_and_over_when_it_is_ended(bob: Browser, clock: Clock) -> None:
    """As by “back” and the same button once more."""
    for _ in range(2):
        bob.submit("/maintenance", "/maintenance", **BEGIN)
        clock.forward(minutes=2)
    (end,) = [action for action in bob.forms("/maintenance") if action.endswith("/end")]
    page = bob.submit("/maintenance", end)

    assert "Nothing is in maintenance now." in page


def test_what_it_holds_says_when_who_is_paged(bob: Browser, runtime: Runtime) -> None:
    bob.submit("/maintenance", "/maintenance", **BEGIN)
    number = fire(runtime)

    page = text_of(bob.open(f"/alerts/{number}"))
    assert "web is in maintenance until" in page
    assert "Not paged: maintenance until" in page
    assert "paged when it ends, at" in page
    assert "web is in maintenance until" in text_of(bob.open("/alerts?service=web"))
    assert "1 alert held, 1 open" in text_of(bob.open("/maintenance"))
    assert "Disk full on db1" not in bob.open("/alerts?status=all&maintenance=another")


def test_a_refused_form_says_why_and_is_filled_in(bob: Browser) -> None:
    page = bob.submit("/maintenance", "/maintenance", **BEGIN | {"end": "2026-03-01T10:00"})

    assert "wholly in the past" in page or "ends before it starts" in page
    assert 'value="db upgrade"' in page


def test_whoever_may_only_look_sees_no_form(vera: Browser) -> None:
    assert "Begin or plan" not in vera.open("/maintenance")


def test_it_is_for_those_who_run_the_service(alice: Browser, bob: Browser) -> None:
    bob.submit("/maintenance", "/maintenance", **BEGIN)

    page = alice.open("/maintenance")
    assert "db upgrade" in page
    assert "ask one of them" in page
    assert alice.forms("/maintenance") == {}
