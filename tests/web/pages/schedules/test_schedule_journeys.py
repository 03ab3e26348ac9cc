"""A schedule in a real browser: cover asked for by dragging, and a rotation edited with the keyboard alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.rota.publishing import publish
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.system import needs
from tests.web.pages.browser import Browser, person
from tests.web.pages.chromium import DESKTOP, NARROW, PHONE, Windows
from tests.web.pages.conftest import NOW, Clock

pytestmark = needs("chromium-headless-shell")

THREE = """
users: [{handle: vera, role: user}]
schedules: [{name: dev, rotations: [{name: developers, members: [alice, bob, vera], until: null}]}]
"""
SCHEDULE = "/schedules/dev?view=week&zone=schedule"


def drag(window: Page, level: int, start: float, end: float) -> None:
    """Over a level, from one share of its track to another."""
    track = window.locator(".final .track").nth(level)
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    window.mouse.move(box["x"] + start * box["width"], middle)
    window.mouse.down()
    window.mouse.move(box["x"] + end * box["width"], middle, steps=4)
    window.mouse.up()


def most_lines(texts: Locator) -> float:
    lines = "(each) => each.offsetHeight / parseFloat(getComputedStyle(each).lineHeight)"
    return max(texts.evaluate_all(f"(all) => all.map({lines})"))


def test_cover_is_asked_for_by_dragging_and_whoever_accepts_has_it_on_timeline_and_calendar(
    alice: Browser, vera: Browser, windows: Windows, runtime: Runtime, clock: Clock, stranger: TestClient
) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(THREE), NOW, confirm=True)
    calendar = vera.submit("/me", "/me/calendar").partition('href="webcal:')[2].partition('"')[0]
    mine = windows.open(DESKTOP, alice)
    mine.goto(SCHEDULE)
    drag(mine, 0, 2 / 7 + 0.003, 3 / 7 - 0.002)  # Wednesday: the ends are caught by midnight

    expect(mine.get_by_role("dialog")).to_contain_text("L1 Wed 4 Mar, 00:00 – Thu 5 Mar, 00:00")
    mine.get_by_role("dialog").get_by_role("link", name="Ask for cover").click()
    expect(mine.locator("[name=start]")).to_have_value("2026-03-03T18:00")  # on her own clock
    mine.get_by_role("button", name="Ask", exact=True).click()
    expect(mine.get_by_role("main")).to_contain_text("Asked, and told.")

    theirs = windows.open(PHONE, vera)
    theirs.goto("/swaps/1")
    theirs.get_by_role("button", name="Accept").tap()
    expect(theirs.get_by_role("main")).to_contain_text("accepted")

    mine.goto(SCHEDULE)
    final = mine.locator(".final[data-level=L1] .shift.swap")
    expect(final).to_have_attribute("title", "Vera Viewer, L1, Wed 4 Mar 00:00 to Thu 5 Mar 00:00, by a swap")
    publish(runtime.database, clock(), only_if_changed=False)
    assert "DTSTART:20260303T230000Z" in stranger.get(f"http:{calendar}").text


def test_dragging_fills_the_form_that_overrides_and_escape_forgets_it(alice: Browser, windows: Windows) -> None:
    window = windows.open(DESKTOP, alice)
    window.goto(SCHEDULE)
    drag(window, 0, 3 / 7 + 0.003, 3 / 7 + 0.5 / 7)
    window.keyboard.press("Escape")
    expect(window.get_by_role("dialog")).to_be_hidden()
    drag(window, 1, 3 / 7 + 0.003, 3 / 7 + 0.5 / 7)
    window.keyboard.press("Enter")  # on the button that is reached at once

    form = window.locator("#add-override")
    expect(form.locator("[name=level]")).to_have_value("L2")
    expect(form.locator("[name=start]")).to_have_value("2026-03-05T00:00")
    expect(form.locator("[name=end]")).to_have_value("2026-03-05T12:00")
    expect(form.locator("[name=person]")).to_be_focused()


def test_a_rotation_is_edited_looked_at_and_saved_by_keyboard(
    bob: Browser, windows: Windows, runtime: Runtime, clock: Clock
) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(THREE), NOW, confirm=True)
    clock.now += timedelta(hours=2)
    window = windows.open(DESKTOP, bob)
    window.goto("/schedules/dev")
    window.get_by_role("link", name="Edit developers").press("Enter")

    window.get_by_role("button", name="Alice Archer later").press("Enter")
    expect(window.get_by_role("button", name="Alice Archer later")).to_be_focused()
    window.keyboard.press("Enter")
    expect(window.locator(".turns li").last).to_contain_text("Alice Archer")
    window.get_by_label("How long each").fill("2 weeks")
    window.keyboard.press("Enter")

    expect(window.get_by_role("heading", name="After")).to_be_visible()
    expect(window.locator(".changed").first).to_be_visible()
    expect(window.get_by_role("heading", name="Who gains and who loses")).to_be_visible()
    window.get_by_role("button", name="Save").press("Enter")

    expect(window.get_by_role("status").first).to_contain_text("developers is saved.")
    with runtime.database.read() as session:
        (rotation,) = export(session).schedules[0].rotations
    assert rotation.shift == ["2 weeks"]
    assert [member.user for member in rotation.members] == [["bob"], ["vera"], ["alice"]]  # type: ignore[union-attr]


def test_a_rotation_is_added_with_a_preview_put_below_another_and_the_timeline_follows(
    bob: Browser, windows: Windows, runtime: Runtime, clock: Clock
) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(THREE), NOW, confirm=True)
    clock.now += timedelta(hours=2)
    window = windows.open(DESKTOP, bob)
    window.goto(SCHEDULE)
    shifts = window.locator(".final[data-level=L1] .shift[title^=Vera]")
    expect(shifts).to_have_count(0)
    window.get_by_role("link", name="Add a rotation").click()
    window.get_by_label("Name").fill("nights")
    window.get_by_label("On call only").fill("20:00-08:00")
    window.get_by_label("Add at the end").select_option("vera")
    window.get_by_role("button", name="Add", exact=True).click()
    expect(window.locator(".changed").first).to_be_visible()
    window.get_by_role("button", name="Save all the same").click()
    expect(window.get_by_role("status").first).to_contain_text("nights is added.")
    window.goto(SCHEDULE)
    expect(shifts.first).to_be_visible()

    window.get_by_role("link", name="Order and remove").click()
    window.get_by_role("button", name="nights gives way to the one below").click()
    expect(window.get_by_role("heading", name="After")).to_be_visible()
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_role("status").first).to_contain_text("The rotations are saved.")
    window.goto(SCHEDULE)
    expect(shifts).to_have_count(0)


def test_a_printed_month_has_the_shifts_that_are_over(alice: Browser, windows: Windows, clock: Clock) -> None:
    clock.now += timedelta(days=3)
    window = windows.open(DESKTOP, alice)
    window.goto("/schedules/dev?view=month")
    over = window.locator(".handoffs .past").first
    expect(over).to_be_hidden()

    window.emulate_media(media="print")

    expect(over).to_be_visible()


def test_names_are_read_in_whole_words_where_a_change_of_a_rotation_is_shown_on_the_narrowest_phone(
    bob: Browser, windows: Windows, runtime: Runtime, clock: Clock
) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(THREE), NOW, confirm=True)
        for handle, name in (("alice", "Beatriz Tanaka"), ("bob", "Yusuf Haddad"), ("vera", "Gloria Morales")):
            person(session, handle).name = name
    phone = windows.open(NARROW, bob)
    phone.goto("/schedules/dev/rotations/developers")
    phone.get_by_label("How long each").fill("2 days")
    phone.get_by_role("button", name="Show what changes").tap()

    names = phone.locator("#changes .dot + span")
    expect(names).to_have_count(3)
    assert most_lines(names) <= 2


def test_shifts_that_are_over_are_listed_like_the_others_on_the_narrowest_phone(
    alice: Browser, windows: Windows, clock: Clock
) -> None:
    clock.now += timedelta(days=3)
    phone = windows.open(NARROW, alice)
    phone.goto("/schedules/dev?view=month")
    phone.get_by_text("before now").tap()

    names = phone.locator(".handoffs .past .person")
    expect(names.first).to_be_visible()
    assert most_lines(names) == 1


def test_who_is_first_can_not_be_moved_earlier(bob: Browser, windows: Windows) -> None:
    window = windows.open(DESKTOP, bob)
    window.goto("/schedules/dev/rotations/developers")

    expect(window.get_by_role("button", name="Alice Archer later")).to_be_enabled()
    expect(window.get_by_role("button", name="Alice Archer earlier")).to_be_disabled()
    expect(window.get_by_role("button", name="Bob Baker later")).to_be_disabled()


@pytest.mark.parametrize(
    ("page", "field", "typed", "button"),
    [
        ("/new-schedule", "Name", "dev", "Show who would be on call"),
        ("/schedules/dev/rotations/developers", "How long each", "3 dayz", "Show what changes"),
    ],
)
def test_what_can_t_be_saved_is_told_where_the_button_leads_and_leads_to_the_field(
    bob: Browser, windows: Windows, page: str, field: str, typed: str, button: str
) -> None:
    phone = windows.open(NARROW, bob)
    phone.goto(page)
    for _ in range(2):
        phone.get_by_role("textbox", name=field).fill(typed)
        phone.get_by_role("button", name=button).tap()
        expect(phone.get_by_role("alert").first).to_be_in_viewport(ratio=1)

    phone.get_by_role("link", name="what is said beside the field").tap()
    expect(phone.locator(".wrong").first).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("textbox", name=field)).to_have_value(typed)
