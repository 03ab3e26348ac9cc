"""When I am away: on My on-call, and on the schedule."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from sqlmodel import select

from oncall.models import Schedule
from oncall.running.runtime import Runtime, build_runtime
from tests.calendar_server import CALENDAR, Answer, CalendarServer, calendar_server
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import Clock

AWAY = {"start": "2026-03-03T09:00", "end": "2026-03-03T17:00", "reason": "dentist"}


@pytest.fixture
def runtime(runtime: Runtime, clock: Clock) -> Runtime:
    settings = runtime.settings.model_copy(update={"allow_private_addresses": True})
    return build_runtime(settings, clock, with_engine=False)


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar_server() as running:
        running.answer = Answer(body=CALENDAR.replace(b"202601", b"202603"))
        yield running


def test_an_absence_in_a_shift_is_shown_with_who_could_cover_until_it_is_deleted(alice: Browser) -> None:
    page = alice.submit("/me", "/me/absences", **AWAY)

    assert "You are on call in it" in page
    assert "Tue 3 Mar 09:00" in page
    assert "Nobody who may take it is free then" in page  # bob is L2
    card = page.partition('id="conflicts"')[2].partition("</section>")[0]
    (address,) = re.findall(r'href="(/swaps/new[^"]+)"', card)
    assert "<h1>Ask for cover" in alice.open(unescape(address))
    assert "dentist" in page

    assert "dentist" not in alice.submit("/me", "/me/absences/1/delete")


def test_an_absence_without_a_shift_is_noted_and_no_conflict(alice: Browser) -> None:
    page = alice.submit("/me", "/me/absences", start="2026-03-20T09:00", end="2026-03-21T09:00", reason="")

    assert "You have no shift in it" in page
    assert "Away while on call" not in page


def test_an_absence_that_is_sent_twice_is_there_once(alice: Browser) -> None:
    away = {"start": "2026-03-20T10:00", "end": "2026-03-21T10:00", "reason": "dentist"}
    alice.submit("/me", "/me/absences", **away)
    page = alice.submit("/me", "/me/absences", **away)

    assert page.count("dentist") == 1


def test_who_could_cover_is_told_by_name(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.exec(select(Schedule)).one().levels = ["L1"]

    page = alice.submit("/me", "/me/absences", **AWAY)

    assert "Could cover: <b>Bob Baker</b>." in " ".join(page.split())


def test_a_refused_absence_is_still_in_its_form(alice: Browser) -> None:
    page = alice.submit("/me", "/me/absences", **AWAY | {"end": AWAY["start"]})

    assert 'name="reason" value="dentist"' in page


def test_the_schedule_shows_it_to_everybody_and_the_reason_to_admins(
    alice: Browser, bob: Browser, vera: Browser
) -> None:
    alice.submit("/me", "/me/absences", **AWAY)

    pages = {browser: browser.open("/schedules/dev") for browser in (alice, bob, vera)}

    assert all("Away while on call" in page for page in pages.values())
    assert "<b>You</b>" in pages[alice]
    assert "<b>Alice Archer</b>" in pages[vera]
    assert ["dentist" in pages[browser] for browser in (alice, bob, vera)] == [True, True, False]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"start": "soon"}, "Say when your absence begins"),
        ({"end": ""}, "Say when your absence ends"),
        ({"end": "2026-03-02T09:00"}, "ends before it starts"),
        ({"start": "2026-03-08T02:30", "end": "2026-03-09T02:30"}, "02:30 is skipped on that day"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(alice: Browser, fields: dict[str, str], said: str) -> None:
    assert said in alice.submit("/me", "/me/absences", **(AWAY | fields))


def test_a_calendar_is_followed_and_says_how_old_its_copy_is(
    alice: Browser, server: CalendarServer, clock: Clock
) -> None:
    page = alice.submit("/me", "/me/absence-calendars", url=server.url)
    assert "The calendar is read: 1 busy time in the year ahead" in page
    assert "Holiday in Rome" in page

    clock.forward(minutes=12)
    page = alice.open("/me")
    assert "12 min ago" in page
    assert server.url in page

    assert "Holiday in Rome" not in alice.submit("/me", "/me/absence-calendars/1/delete")


def test_a_calendar_that_is_not_one_is_refused(alice: Browser, server: CalendarServer) -> None:
    server.answer = Answer(body=b"")

    assert "but an empty file" in alice.submit("/me", "/me/absence-calendars", url=server.url)
    assert "/me/absence-calendars/1/delete" not in alice.forms("/me")
    assert "This is no calendar" in alice.submit("/me", "/me/absence-calendars", url="ftp://example.com/")


def test_nothing_is_fetched_for_a_page_that_is_not_ours(alice: Browser, server: CalendarServer) -> None:
    assert alice.post("/me/absence-calendars", url=server.url).status_code == 403
    assert server.asked == []
