"""One alert's page: what it says, and what can be done there."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.escalation.steps import step_due_alerts
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, deliver, fire, queries, stored
from tests.web.pages.conftest import NOW, Clock
from web.pages.alerts.alert import next_morning


@pytest.fixture
def number(runtime: Runtime) -> int:
    return fire(
        runtime,
        details={"labels": {"instance": "db-7"}},
        links=[{"href": "https://runbook.example", "text": "Runbook"}],
    )


NEW_YORK = ZoneInfo("America/New_York")


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_it_says_what_is_wrong_who_was_told_and_what_happens_next(
    alice: Browser, runtime: Runtime, number: int, clock: Clock
) -> None:
    deliver(runtime, number, lambda row: row.kind == "sms")
    clock.forward(minutes=1)

    page = alice.open(f"/alerts/{number}")
    text = text_of(page)

    assert "Disk full on db1" in text
    assert "If nobody answers: Bob Baker (dev L2) is paged at 10:05, in 4 min." in text
    assert "Text to Alice Archer delivered at once" in text
    assert "planned, sent, delivered 10:00:00" in text  # the same time is said once
    assert text.count("Text to Alice Archer") == 1  # the timeline does not say it again
    assert "Paged Alice Archer (dev L1)" in text.partition("Timeline")[2]
    assert text.index("10:02 Alice Archer: call in 1 min") < text.index("Told so far")
    assert "10:05 Bob Baker (dev L2): text at once, call 2 min later" in text
    assert "Every step has been tried: nobody else will be paged unless somebody escalates." in text
    assert "It stops as soon as somebody acknowledges or snoozes it" in text
    assert "<dt>Labels</dt></div><div ><dt>instance</dt><dd>db-7</dd>" in re.sub(r"\s+<", "<", page)
    assert 'href="https://runbook.example" rel="noopener noreferrer"' in page


def test_many_labels_do_not_push_what_can_be_done_off_the_screen(alice: Browser, runtime: Runtime) -> None:
    many = fire(runtime, "Pod restarts", labels={f"label{number}": "x" for number in range(10)})
    few = fire(runtime, "Disk full", labels={f"label{number}": "x" for number in range(6)})

    page = alice.open(f"/alerts/{many}")
    shown, _, folded = page.partition("<summary>6 more labels</summary>")
    assert "label3=x" in shown
    assert "label4=x" not in shown
    assert "label4=x" in folded
    assert "label9=x" in folded
    page = alice.open(f"/alerts/{few}")
    assert "label5=x" in page
    assert "more labels" not in page


def test_after_the_last_step_it_says_that_nobody_else_is_paged(
    alice: Browser, runtime: Runtime, number: int, clock: Clock
) -> None:
    clock.forward(minutes=5)
    with runtime.database.transaction() as session:
        step_due_alerts(session, clock())

    text = text_of(alice.open(f"/alerts/{number}"))

    assert "Nobody else will be paged by itself: every step has been tried." in text
    assert "Nobody can be paged then" not in text


def test_a_long_way_ahead_asks_no_more_of_the_database_and_says_that_it_goes_on(
    alice: Browser, runtime: Runtime
) -> None:
    both = "{page: ['schedule:dev/L1', 'schedule:dev/L2'], wait: 5m}"
    counts = []
    for repeat in (1, 100):
        configure(runtime, f"escalation_policies: [{{name: dev, repeat: {repeat}, steps: [{both}, {both}]}}]")
        number = fire(runtime, f"Again and again {repeat}")
        alice.open(f"/alerts/{number}")  # what is kept in memory is there
        counts.append(queries(runtime, lambda number=number: alice.open(f"/alerts/{number}")))

    assert counts[0] == counts[1]
    assert "Then from the first step again, and so on" in text_of(alice.open(f"/alerts/{number}"))


def test_acknowledging_takes_one_button_and_stops_the_escalation(alice: Browser, runtime: Runtime, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/acknowledge")

    assert "You have it" in page
    assert "Acknowledged by Alice Archer on the web" in page
    assert stored(runtime, number).status is AlertStatus.ACKNOWLEDGED
    assert stored(runtime, number).next_step_at is None


def configure(runtime: Runtime, config: str) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(config, export(session)), NOW, confirm=True)


def test_it_says_how_many_have_acknowledged_and_by_when_it_is_to_be_resolved(
    runtime: Runtime, alice: Browser, bob: Browser
) -> None:
    steps = "[{page: [user:alice, user:bob], wait: 5m, acknowledgements: 2}]"
    configure(runtime, f"escalation_policies: [{{name: dev, acknowledge_timeout: 30m, steps: {steps}}}]")
    number = fire(runtime)

    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/acknowledge")
    assert "1 of 2 have acknowledged." in text_of(page)

    page = bob.submit(f"/alerts/{number}", f"/alerts/{number}/acknowledge")
    assert "You have it" in page
    assert "If it is not resolved by 10:30, it pages from the first step: Alice Archer, Bob Baker." in text_of(page)


def test_a_viewer_can_t_reassign(vera: Browser, number: int) -> None:
    assert "/reassign" not in vera.open(f"/alerts/{number}")


def test_reassigning_pages_whoever_is_chosen(alice: Browser, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/reassign", to="schedule:dev/L2")

    assert "Reassigned to dev L2 by Alice Archer on the web" in page
    assert "Paged Bob Baker (dev L2): reassigned by Alice Archer" in page


def test_nobody_to_reassign_to_is_said(alice: Browser, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/reassign", to="user:zoe")

    assert "There is nobody with the handle zoe" in page


def test_reassigning_to_nobody_is_refused_in_words(alice: Browser, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/reassign", to="")

    assert "Choose whom to page instead: nobody was chosen, so nothing has changed." in page
    assert "HANDLE" not in page
    assert "Reassigned" not in page


def test_escalating_pages_the_next_person(alice: Browser, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/escalate")

    assert "Paged Bob Baker (dev L2): escalated by Alice Archer" in page


def test_escalating_again_by_a_page_of_before_pages_nobody_else_and_says_who_was(
    alice: Browser, runtime: Runtime, number: int
) -> None:
    once = alice.forms(f"/alerts/{number}")[f"/alerts/{number}/escalate"]
    alice.post(f"/alerts/{number}/escalate", **once)
    place = stored(runtime, number).step

    page = alice.post(f"/alerts/{number}/escalate", **once).text

    assert "Not escalated: it has gone on to its next step since you were shown it. Bob Baker was paged last." in page
    assert stored(runtime, number).step == place
    assert page.count("Escalated by Alice Archer") == 1
    assert "Not escalated" not in alice.submit(f"/alerts/{number}", f"/alerts/{number}/escalate")


def test_snoozing_says_until_when(alice: Browser, runtime: Runtime, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/snooze", length="30m")

    assert "Snoozed until" in page
    assert "When the snooze ends" in page
    assert stored(runtime, number).snoozed_until == NOW + timedelta(minutes=30)


def test_it_is_snoozed_until_the_morning_that_the_button_names(alice: Browser, runtime: Runtime, number: int) -> None:
    page, morning = alice.open(f"/alerts/{number}"), NOW + timedelta(hours=23)
    assert f'value="{morning.isoformat()}"' in page
    assert "Tue 3 Mar 09:00" in page

    alice.submit(f"/alerts/{number}", f"/alerts/{number}/snooze", length=morning.isoformat())

    assert stored(runtime, number).snoozed_until == morning


@pytest.mark.parametrize(
    ("hours", "ahead"),
    [(-7, 6), (-2, 1 + 24), (0, 23)],
    ids=["at three at night it is this morning", "at eight there is a button for an hour", "by day it is tomorrow"],
)
def test_the_morning_is_the_next_one(hours: int, ahead: int) -> None:
    assert next_morning(NOW + timedelta(hours=hours), NEW_YORK) == NOW + timedelta(hours=hours + ahead)


def test_the_morning_is_right_when_clocks_go_forward_at_night() -> None:
    saturday = NOW.replace(day=7)  # 10:00 EST; on Sunday it is 09:00 EDT after 22 hours

    assert next_morning(saturday, NEW_YORK) == saturday + timedelta(hours=22)


@pytest.mark.parametrize("length", ["tomorrow", "2026-03-02T09:00", (NOW - timedelta(hours=1)).isoformat()])
def test_what_is_no_length_or_over_snoozes_nothing(alice: Browser, runtime: Runtime, number: int, length: str) -> None:
    assert "hoose" in alice.submit(f"/alerts/{number}", f"/alerts/{number}/snooze", length=length)
    assert stored(runtime, number).snoozed_until is None


def test_a_resolved_alert_offers_nothing_but_a_note(alice: Browser, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/resolve")

    assert "Resolved by Alice Archer" in page
    assert set(alice.forms(f"/alerts/{number}")) == {f"/alerts/{number}/notes"}


def test_how_long_ago_it_triggered_is_not_told_as_the_time_of_its_state(
    alice: Browser, number: int, clock: Clock
) -> None:
    clock.forward(minutes=8)
    alice.submit(f"/alerts/{number}", f"/alerts/{number}/resolve")
    clock.forward(minutes=1)

    text = text_of(alice.open(f"/alerts/{number}"))

    assert "triggered 9 min ago" in text
    assert "Resolved by Alice Archer 1 min ago, after 8 min" in text  # of its state


def test_what_is_no_longer_possible_is_refused_with_a_sentence(alice: Browser, bob: Browser, number: int) -> None:
    form = alice.forms(f"/alerts/{number}")[f"/alerts/{number}/acknowledge"]
    bob.submit(f"/alerts/{number}", f"/alerts/{number}/resolve")

    refused = alice.post(f"/alerts/{number}/acknowledge", **form).text

    assert 'role="alert"' in refused
    assert "This alert is resolved" in refused
    assert "This alert is resolved: it" not in alice.open(f"/alerts/{number}")  # said once


def test_what_is_folded_into_it_is_listed_and_says_why_it_is_not_paged(
    alice: Browser, runtime: Runtime, number: int
) -> None:
    folded = fire(runtime, "Checkout fails")
    with runtime.database.transaction() as session:
        alert = session.get_one(Alert, folded)
        alert.held_by_id, alert.next_step_at, alert.step = number, None, 0
        session.add(alert)

    assert f"Held while this is open #{folded} Checkout fails triggered" in text_of(alice.open(f"/alerts/{number}"))
    text = text_of(alice.open(f"/alerts/{folded}"))
    assert (
        f"Held while #{number} is open, on a service that this one depends on. It is paged when that is resolved"
        in text
    )


def test_a_note_stands_on_the_timeline(alice: Browser, number: int) -> None:
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/notes", text="Cleaning <old> backups")

    assert "Alice Archer: Cleaning &lt;old&gt; backups" in page


def test_a_note_of_many_lines_may_be_as_long_as_the_browser_counts(alice: Browser, number: int) -> None:
    lines = "\r\n".join(["x" * 99] * 40)  # 3,999 characters in the field, and so many line ends more on their way
    page = alice.submit(f"/alerts/{number}", f"/alerts/{number}/notes", text=lines)

    assert f"Alice Archer: {'x' * 99}" in page


def test_a_viewer_is_shown_no_buttons_and_can_not_act(vera: Browser, runtime: Runtime, number: int) -> None:
    assert vera.forms(f"/alerts/{number}") == {}
    csrf = vera.forms("/me")["/logout"]["csrf"]

    response = vera.post(f"/alerts/{number}/acknowledge", csrf=csrf)

    assert response.status_code == 403
    assert "Your role (viewer)" in response.text
    assert stored(runtime, number).status is AlertStatus.TRIGGERED


@pytest.mark.parametrize("csrf", ["", "made-up"])
def test_a_form_that_did_not_come_from_our_pages_changes_nothing(
    alice: Browser, runtime: Runtime, number: int, csrf: str
) -> None:
    response = alice.post(f"/alerts/{number}/acknowledge", csrf=csrf)

    assert response.status_code == 403
    assert "Reload the page" in response.text
    assert stored(runtime, number).status is AlertStatus.TRIGGERED


def test_what_events_bring_is_shown_as_text_not_as_markup(alice: Browser, runtime: Runtime) -> None:
    evil = "<script>alert(1)</script>"
    number = fire(
        runtime,
        evil,
        source=evil,
        details={evil: evil, "nested": {"deep": [evil]}},
        links=[{"href": "javascript:alert(1)", "text": "run"}, {"href": "https://ok.example", "text": evil}],
    )

    for path in (f"/alerts/{number}", "/", "/alerts"):
        response = alice.client.get(path)
        assert evil not in response.text
        assert "javascript:" not in response.text
        assert "script-src" not in response.headers["content-security-policy"]  # so default-src 'self' holds
        assert "default-src 'self'" in response.headers["content-security-policy"]
    assert 'href="https://ok.example"' in alice.open(f"/alerts/{number}")


def test_an_alert_that_does_not_exist_is_said_to_be_missing(alice: Browser) -> None:
    page = alice.open("/alerts/999", status=404)

    assert "There is no alert #999." in page
    assert 'href="/alerts"' in page


def test_a_runbook_comes_before_other_links_and_images_are_links_too(alice: Browser, runtime: Runtime) -> None:
    links = [
        {"href": "https://graphs.example.com/cpu.png", "text": "CPU"},
        {"href": "https://wiki.example.com/runbooks/disk", "text": "How to mend it"},
        {"href": "javascript:alert(1)", "text": "runbook"},
    ]

    page = alice.open(f"/alerts/{fire(runtime, links=links)}")

    assert page.index("How to mend it") < page.index("CPU")
    assert "javascript:alert" not in page
    assert "<img" not in page
