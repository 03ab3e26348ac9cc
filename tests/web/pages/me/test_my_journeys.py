"""What people do for themselves, on a phone in a real browser: be reachable, be paged their own way, answer a swap."""

import re
from collections.abc import Callable

from playwright.sync_api import expect
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import ContactMethod, NotificationRule
from oncall.running.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.chromium import NARROW, PHONE, Windows, misfits
from tests.web.pages.conftest import NOW

pytestmark = needs("chromium-headless-shell")

DAVE = "{users: [{handle: dave, name: Dave Dunn, experienced: [dev]}]}"
COVER = "/swaps/new?schedule=dev&level=L1&start=2026-03-03T12:00Z&end=2026-03-03T23:00Z"


def sent_to(runtime: Runtime, name: str) -> str:
    """The code that a phone would show."""
    with runtime.database.read() as session:
        return session.exec(select(ContactMethod.code).where(ContactMethod.name == name)).one() or ""


def test_a_number_that_is_added_and_confirmed_makes_its_owner_ready(
    windows: Windows, browser_of: Callable[[str], Browser], runtime: Runtime
) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(DAVE), NOW)
    phone = windows.open(NARROW, browser_of("dave"))
    phone.goto("/me")
    expect(phone.get_by_role("heading", name="You can’t be paged")).to_be_visible()

    phone.goto("/me/reached")
    form = phone.locator("#add-address")
    form.get_by_label("Name").fill("pocket")
    form.get_by_label("Address").fill("+12025550109")
    form.get_by_role("button", name="Add and send a code").tap()
    code = phone.get_by_label("Code sent to")
    expect(code).to_be_visible()
    right = sent_to(runtime, "pocket")
    code.fill("000000" if right != "000000" else "111111")
    phone.get_by_role("button", name="Confirm").tap()
    expect(phone.get_by_role("alert")).to_contain_text("not the code")
    code.fill(right)
    phone.get_by_role("button", name="Confirm").tap()
    expect(phone.locator("#contact-methods")).to_contain_text("confirmed")

    phone.goto("/me")
    expect(phone.get_by_role("heading", name="You can be paged")).to_be_visible()


def test_buttons_of_one_kind_are_told_apart_by_whoever_hears_them(windows: Windows, alice: Browser) -> None:
    phone = windows.open(PHONE, alice)
    phone.goto("/me/reached")

    buttons = phone.get_by_role("main").get_by_role("button", include_hidden=True)
    names = [" ".join(name.split()) for name in buttons.all_text_contents()]

    assert "Remove mobile" in names
    assert len(names) == len(set(names))


def test_a_notification_rule_is_added_and_another_removed(windows: Windows, alice: Browser, runtime: Runtime) -> None:
    phone = windows.open(PHONE, alice)
    phone.goto("/me/reached")
    plan = phone.locator("#rules .plan").first
    expect(plan.locator("li")).to_have_text(["0 min mobile", "2 min call"])  # without rules

    rules = (("0", "mobile (text)"), ("1", "call (call)"), ("5", "call (call)"))
    for count, (minutes, method) in enumerate(rules, start=1):
        phone.get_by_text("Add a rule").tap()
        phone.get_by_label("After, in minutes").fill(minutes)
        phone.get_by_label("Use").select_option(label=method)
        phone.get_by_role("button", name="Add rule").tap()
        expect(plan.locator("form")).to_have_count(count)
    phone.get_by_role("button", name="Remove 1 min call").tap()

    expect(plan.locator(".num")).to_have_text(["0 min", "5 min"])
    assert misfits(phone) == []
    with runtime.database.read() as session:
        alices = select(NotificationRule.after_seconds).where(NotificationRule.user_id == person(session, "alice").id)
        assert sorted(session.exec(alices)) == [0, 300]


def test_a_swap_is_seen_at_home_and_answered_on_a_phone(
    windows: Windows, alice: Browser, browser_of: Callable[[str], Browser], runtime: Runtime
) -> None:
    phones = "contact_methods: [{name: mobile, kind: sms, address: '+12025550109', verified: true}]"
    with runtime.database.transaction() as session:
        apply(session, load(DAVE.replace("name: Dave Dunn", f"name: Dave Dunn, {phones}")), NOW)
        team = "{teams: [{name: dev, members: [alice, bob, dave]}], schedules: [{name: dev, team: dev}]}"
        apply(session, load(team), NOW)
    alice.submit(COVER, "/swaps", to="dave", note="a concert")
    phone = windows.open(NARROW, browser_of("dave"))
    phone.goto("/")

    phone.get_by_role("navigation", name="Main").get_by_role("link", name="Swaps").last.tap()
    expect(phone.get_by_role("main")).to_contain_text("“a concert”")
    phone.get_by_role("link", name="Alice Archer asks for cover").tap()
    expect(phone.get_by_role("heading", name="What happened")).to_be_visible()
    assert misfits(phone) == []
    phone.get_by_role("button", name="Accept").tap()

    expect(phone.get_by_role("main")).to_contain_text("Agreed. Everybody concerned is told.")
    expect(phone.locator(".tabs .count")).to_have_count(0)  # nothing waits any more
    phone.goto("/me")
    expect(phone.get_by_role("main")).to_contain_text("Tue 3 Mar 12:00 – 23:00")


def test_whoever_has_the_phone_next_does_not_see_what_was_seen_before_signing_out(
    windows: Windows, alice: Browser, runtime: Runtime
) -> None:
    number, phone = fire(runtime, "Disk full on db1"), windows.open(PHONE, alice)
    phone.goto(f"/alerts/{number}")
    phone.goto("/me")
    phone.locator("form[action='/logout']").evaluate("(form) => form.submit()")
    expect(phone.get_by_role("heading", name="Sign in to oncall")).to_be_visible()

    for path in ("/me", f"/alerts/{number}"):
        phone.go_back()
        expect(phone).to_have_url(re.compile(rf"/login\?next={path}$"))
