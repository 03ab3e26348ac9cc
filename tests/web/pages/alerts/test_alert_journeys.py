"""Alerts in a real browser: several at once, a page by hand that is answered in the call, and the way back."""

import re

from playwright.sync_api import expect

from oncall.escalation.steps import step_due_alerts
from oncall.lifecycle.alert import AlertStatus
from oncall.running.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser, deliver, fire, stored
from tests.web.pages.chromium import DESKTOP, NARROW, PHONE, Windows, misfits

pytestmark = needs("chromium-headless-shell")


def test_all_of_a_storm_are_acknowledged_with_two_taps(windows: Windows, alice: Browser, runtime: Runtime) -> None:
    numbers = [fire(runtime, f"Error rate on web-{number}") for number in range(4)]
    phone = windows.open(NARROW, alice)
    phone.goto("/alerts")
    expect(phone.get_by_role("button", name="Acknowledge")).to_be_hidden()  # nothing is checked

    phone.get_by_label("All 4").tap()
    phone.get_by_role("button", name="Acknowledge").tap()

    expect(phone.get_by_role("main")).to_contain_text("4 acknowledged: you have them.")
    assert {stored(runtime, number).status for number in numbers} == {AlertStatus.ACKNOWLEDGED}


def test_all_is_not_said_of_those_that_are_checked_once_one_of_them_is_not(
    windows: Windows, alice: Browser, runtime: Runtime
) -> None:
    first, second = fire(runtime, "Error rate"), fire(runtime, "Disk full")
    phone = windows.open(PHONE, alice)
    phone.goto("/alerts")
    phone.get_by_label("All 2").tap()

    phone.get_by_label(f"#{first}").tap()
    expect(phone.get_by_label("All 2")).not_to_be_checked()
    phone.get_by_role("button", name="Acknowledge").tap()

    expect(phone.get_by_role("main")).to_contain_text("#" + str(second))
    assert stored(runtime, first).status is AlertStatus.TRIGGERED
    assert stored(runtime, second).status is AlertStatus.ACKNOWLEDGED


def test_whoever_is_on_call_is_paged_from_home_and_acknowledges_by_the_keypad_of_their_phone(
    windows: Windows, bob: Browser, alice: Browser, runtime: Runtime
) -> None:
    mine = windows.open(DESKTOP, bob)
    mine.goto("/")
    mine.get_by_role("link", name="Page the dev on-call").click()
    mine.get_by_label("What is wrong, in a sentence").fill("Checkout fails for everybody")
    mine.get_by_role("button", name="Page now").click()
    expect(mine.get_by_role("heading", name="Checkout fails for everybody")).to_be_visible()
    with runtime.database.transaction() as session:
        step_due_alerts(session, runtime.clock())
    deliver(runtime, 1)

    theirs = windows.open(PHONE, alice)
    theirs.goto("/phone")
    expect(theirs.get_by_role("region", name="Phone of Alice Archer")).to_contain_text("alert 1")
    theirs.get_by_role("button", name="4 acknowledge").tap()
    expect(theirs.get_by_role("main")).to_contain_text("#1 acknowledged")

    expect(mine.get_by_role("main")).to_contain_text("Alice Archer has it")  # told without a reload
    expect(mine.locator("#timeline")).to_contain_text("Acknowledged by Alice Archer")


def test_a_screen_reader_hears_another_state_and_no_poll(
    windows: Windows, alice: Browser, bob: Browser, runtime: Runtime
) -> None:
    number = fire(runtime)
    phone = windows.open(PHONE, alice)
    phone.goto(f"/alerts/{number}")
    heard = "window.heard = []; new MutationObserver((all) => heard.push(...all.map(() => state.textContent.trim())))"
    phone.evaluate(
        f"const state = document.querySelector('#live [role=status]'); {heard}"
        ".observe(state, { subtree: true, childList: true, characterData: true })"
    )
    for _ in range(2):
        with phone.expect_response(f"**/alerts/{number}"):
            phone.evaluate("htmx.trigger('#live', 'news')")
    assert phone.evaluate("heard") == []

    bob.submit(f"/alerts/{number}", f"/alerts/{number}/acknowledge")

    expect(phone.locator("#live").get_by_role("status")).to_have_text("Bob has it")
    assert "Bob has it" in phone.evaluate("heard")


def test_an_alert_is_given_to_somebody_else_on_the_narrowest_phone(
    windows: Windows, alice: Browser, runtime: Runtime
) -> None:
    number = fire(runtime)
    phone = windows.open(NARROW, alice)
    phone.goto(f"/alerts/{number}")
    expect(phone.get_by_label("Everything that happens")).to_contain_text("Bob Baker (dev L2)")
    assert misfits(phone) == []

    phone.get_by_text("Reassign", exact=True).first.tap()
    phone.get_by_label("Page somebody else now").select_option(label="Bob Baker")
    phone.get_by_role("button", name="Reassign").tap()

    expect(phone.locator("#timeline")).to_contain_text("Paged Bob Baker: reassigned by Alice Archer")
    assert stored(runtime, number).status is AlertStatus.TRIGGERED


def test_what_is_being_written_stays_while_news_arrive(
    windows: Windows, alice: Browser, bob: Browser, runtime: Runtime
) -> None:
    number = fire(runtime)
    phone = windows.open(PHONE, alice)
    phone.goto(f"/alerts/{number}")
    phone.get_by_text("Reassign", exact=True).first.tap()
    phone.get_by_label("Page somebody else now").select_option(label="Vera Viewer")
    phone.get_by_text("Add a note").tap()
    note = phone.get_by_label("For the timeline")
    note.type("The disk is")

    bob.submit(f"/alerts/{number}", f"/alerts/{number}/acknowledge")
    expect(phone.get_by_role("main")).to_contain_text("Bob Baker has it")

    expect(note).to_be_focused()
    phone.keyboard.type(" full")
    expect(note).to_have_value("The disk is full")
    expect(phone.get_by_label("Page somebody else now")).to_have_value("user:vera")
    phone.get_by_role("button", name="Add the note").tap()
    expect(phone.locator("#timeline")).to_contain_text("The disk is full")


def test_to_reassign_and_to_note_are_at_hand_on_a_phone(windows: Windows, alice: Browser, runtime: Runtime) -> None:
    """On its first screen, however much has been told and sent."""
    number = fire(runtime, details={f"label {at}": "x" * 80 for at in range(30)})
    phone = windows.open(PHONE, alice)
    phone.goto(f"/alerts/{number}")

    for action in ("Acknowledge", "Escalate", "Snooze", "Resolve", "Reassign", "Add a note"):
        expect(phone.get_by_text(action, exact=True).first).to_be_in_viewport(ratio=1)


def test_what_a_list_was_narrowed_down_to_is_there_on_the_way_back_and_forth(
    windows: Windows, alice: Browser, runtime: Runtime
) -> None:
    fire(runtime, "Disk full on db1")
    fire(runtime, "Index is old", service="search")
    window = windows.open(DESKTOP, alice)
    window.goto("/alerts")
    shown, search = window.locator(".list .t"), window.get_by_role("searchbox")

    search.fill("disk")
    search.press("Enter")
    expect(shown).to_have_text(["Disk full on db1"])
    window.get_by_text("Narrow it down").click()
    window.get_by_label("Service").select_option("search")
    window.get_by_role("button", name="Show these").click()
    expect(window).to_have_url(re.compile("q=disk.*service=search"))
    expect(window.get_by_role("main")).to_contain_text("No open alert fits this filter.")

    window.go_back()
    expect(shown).to_have_text(["Disk full on db1"])
    expect(search).to_have_value("disk")
    expect(window.get_by_label("Service")).to_have_value("")
    window.go_back()
    expect(shown).to_have_count(2)
    window.go_forward()
    window.go_forward()
    expect(window.get_by_label("Service")).to_have_value("search")
    expect(window.get_by_role("main")).to_contain_text("No open alert fits this filter.")


def test_the_way_back_to_a_page_that_has_had_news_leads_to_the_whole_page(
    windows: Windows, alice: Browser, bob: Browser, runtime: Runtime
) -> None:
    address = f"/alerts/{fire(runtime)}"
    phone = windows.open(PHONE, alice)
    phone.goto(address)
    bob.submit(address, f"{address}/notes", text="I look at it.")
    expect(phone.get_by_role("main")).to_contain_text("I look at it.")
    phone.goto("/me")

    phone.go_back()

    expect(phone.get_by_role("main")).to_contain_text("I look at it.")
    expect(phone.get_by_role("link", name="Schedules").first).to_be_attached()
