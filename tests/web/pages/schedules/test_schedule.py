"""A schedule's page: its weeks, its gaps, who is on its lanes, and calendar links."""

import html
import re
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import col, select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.config.schema import Config
from oncall.models import Absence, Experience, Rotation, Schedule, User
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import NOW, Clock

WINDOW = {"start": "2026-03-04T10:00", "end": "2026-03-05T10:00"}


def test_it_draws_shifts_and_the_gap_in_the_readers_zone(alice: Browser) -> None:
    page = alice.open("/schedules/dev")

    assert "Mon 2 Mar to Sun 15 Mar 2026" in page
    assert "Times of New York (EST)" in page
    assert "the schedule runs on Berlin time" in page
    assert "<b>gap</b>" in page
    assert "Gap: nobody" in page
    (final,) = lanes(page, "final", "L1")
    assert final.count("Alice Archer, L1, Sun 1 Mar 18:00 to Fri 6 Mar 18:00") == 1
    assert '<b>Alice Archer</b><i aria-hidden="true">AA</i>' in final  # where there is little room


def test_it_says_what_needs_attention_in_words(alice: Browser) -> None:
    page = alice.open("/schedules/dev")

    assert "Needs attention, 2" in page
    assert page.count("</svg>gap</span>") == 2
    assert "Nobody is on L2 from Fri 6 Mar 18:00 EST on: add a rotation or an override." in page
    on_its_own_clock = alice.open("/schedules/dev?zone=schedule")
    assert "Nobody is on L2 from Sat 7 Mar 00:00 CET on: add a rotation or an override." in on_its_own_clock


def test_what_is_less_urgent_is_folded_away(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.exec(select(Schedule)).one().levels = ["L1", "L2", "L3", "L4", "L5"]

    page = alice.open("/schedules/dev")

    assert "Needs attention, 15" in page  # a gap on each level, and Alice on all five of them before it
    first, later = page.partition('id="attention"')[2].split("</section>")[0].split("<summary>12 more</summary>")
    assert (first.count("Nobody is on L"), first.count("Alice Archer is on L")) == (3, 0)
    assert (later.count("Nobody is on L"), later.count("Alice Archer is on L")) == (2, 10)


def test_a_schedule_that_is_well_has_nothing_to_mend(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.exec(select(Rotation)).one().until = None

    page = alice.open("/schedules/dev")

    assert "Nothing to mend in the next 90 days" in page
    assert "Needs attention, " not in page


def test_its_address_says_which_days_and_on_whose_clock(alice: Browser) -> None:
    page = alice.open("/schedules/dev?from=2026-03-12&view=week&zone=schedule")

    assert "Mon 9 Mar to Sun 15 Mar 2026" in page
    assert "Times of Berlin (CET)" in page
    assert "?view=week&amp;from=2026-03-16&amp;zone=schedule#timeline" in page
    assert "?view=week&amp;from=2026-03-02&amp;zone=schedule#timeline" in page
    assert "?from=2026-03-09#timeline" not in page
    assert "?view=month&amp;from=2026-03-09&amp;zone=schedule#timeline" in page


def test_days_that_can_not_be_shown_are_refused_with_a_sentence(alice: Browser) -> None:
    for query in ("from=tomorrow", "view=century", "from=0001-01-01", "from=9999-12-31"):
        assert "in the address" in alice.open(f"/schedules/dev?{query}", status=400)


def test_a_schedule_that_does_not_exist_is_said_to_be_missing(alice: Browser) -> None:
    assert "There is no schedule nope" in alice.open("/schedules/nope", status=404)


def test_calendar_links_of_a_schedule_and_its_levels_can_be_subscribed_to(alice: Browser, stranger: TestClient) -> None:
    page = alice.submit("/schedules/dev", "/schedules/dev/subscribe")

    links = re.findall(r'href="webcal:(//testserver/ical/[^"]+)"', page)
    assert len(links) == 3
    assert all(stranger.get(f"http:{link}").status_code == 200 for link in links)


def test_the_calendar_of_its_team_is_beside_its_own(alice: Browser, runtime: Runtime, stranger: TestClient) -> None:
    alice.submit("/schedules/dev", "/schedules/dev/subscribe")
    with runtime.database.transaction() as session:
        apply(session, load("teams: [{name: web, members: [alice]}]\nschedules: [{name: dev, team: web}]"), NOW)

    page = alice.submit("/schedules/dev", "/schedules/dev/subscribe")

    (link,) = re.findall(
        r'value="http:(//testserver/ical/[^"]+)" aria-label="Calendar address of Team web on call"', page
    )
    assert "X-WR-CALNAME:Team web on call" in stranger.get(f"http:{link}").text


def test_its_first_day_is_the_readers_today(alice: Browser, clock: Clock) -> None:
    clock.forward(hours=20)

    assert "Tue 3 Mar to Mon 16 Mar 2026" in alice.open("/schedules/dev")


def test_a_window_is_planned_by_hand_and_called_off(bob: Browser) -> None:
    page = bob.submit(
        "/schedules/dev",
        "/schedules/dev/temporary",
        **WINDOW,
        **{"on L1": "bob", "on L2": "alice", "note": "launch", "confirm": "yes"},
    )
    assert "dev is as planned here in this window" in page
    assert "launch" in page
    assert "by a temporary schedule" in page

    page = bob.submit("/schedules/dev", "/schedules/dev/temporary/1/end")
    assert "by a temporary schedule" not in page


def test_only_who_decides_sees_the_form_to_plan_by_hand(alice: Browser) -> None:
    assert "/schedules/dev/temporary" not in alice.forms("/schedules/dev")


def test_somebody_follows_along_and_ends_it(alice: Browser) -> None:
    page = alice.submit("/schedules/dev", "/schedules/dev/shadows", level="L2", person="alice", **WINDOW)
    assert "Alice Archer follows along with L2 of dev." in page
    assert "as a shadow" in page
    again = alice.submit("/schedules/dev", "/schedules/dev/shadows", level="L2", person="alice", **WINDOW)
    assert again.count("as a shadow") == page.count("as a shadow")  # sent again, it is there once

    assert "Nobody. Whoever is new" in alice.submit("/schedules/dev", "/schedules/dev/shadows/1/end")


def test_two_on_a_level_are_both_drawn(bob: Browser) -> None:
    joins = {"level": "L1", "kind": "add", "person": "bob", "confirm": "yes"}
    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **joins, **WINDOW)
    assert "Bob Baker joins L1" in page
    (final,) = lanes(page, "final", "L1")
    assert final.count("Alice Archer, L1, ") == final.count("Bob Baker, L1, ") == 1


def lanes(page: str, kind: str, level: str) -> list[str]:
    """The lanes of this kind that a level has."""
    drawn = page.partition(f'<div class="lane final" aria-hidden="true" data-level="{level}">')[2]
    own = drawn.partition('<div class="lane final"')[0].partition("</div>")
    return [own[0]] if kind == "final" else own[2].split('<div class="lane layer">')[1:]


def test_below_a_level_are_the_layers_that_make_it(bob: Browser) -> None:
    shift = {"level": "L1", "person": "bob", "confirm": "yes"}
    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **shift, **WINDOW)

    assert "What makes L1: overrides over developers" in page
    by_hand, rotation = lanes(page, "layer", "L1")
    assert "Bob Baker, L1, Wed 4 Mar 04:00 to Thu 5 Mar 04:00, by an override" in by_hand
    assert "Alice Archer, L1, Sun 1 Mar 18:00 to Fri 6 Mar 18:00" in rotation
    (final,) = lanes(page, "final", "L1")
    assert final.count("Alice Archer, L1, ") == 2  # before and after
    assert "<em>override</em>" in final


def test_whoever_is_away_is_shaded_named_and_told_in_the_list(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        times = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(days=30)}
        for handle in ("alice", "vera"):
            session.add(Absence(user_id=person(session, handle).id or 0, created_at=NOW, **times))

    page = alice.open("/schedules/dev")

    (final,) = lanes(page, "final", "L1")
    assert "; away Tue 3 Mar 10:00 to Fri 6 Mar 18:00" in final
    assert final.count('<li class="shade ') == 1
    assert "Alice Archer is away, Tue 3 Mar 10:00 to Wed 1 Apr 11:00" in page
    assert "</svg>away <time" in page.partition("handoffs")[2]
    assert "Vera Viewer is away" not in page  # who is not on call these days


def test_holidays_of_those_on_call_are_named(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        for handle, country in (("alice", "IE"), ("bob", "IE"), ("vera", "US")):
            person(session, handle).country = country

    page = alice.open("/schedules/dev?from=2026-03-05&view=month")
    assert "<li>17 Mar <b>Saint Patrick&#39;s Day (IE)</b></li>" in page
    assert "(US)" not in page


def test_somebody_new_is_marked_as_on_call_for_the_first_time(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.exec(select(Rotation)).one().first_shift_level = "L1"
        for row in session.exec(select(Experience).where(Experience.user_id == person(session, "alice").id)):
            session.delete(row)

    page = alice.open("/schedules/dev")

    assert ", for the first time" in lanes(page, "final", "L1")[0]
    assert "<em>first time</em>" in page
    assert "</svg>first time</span>" in page.partition("handoffs")[2]


def test_what_is_over_is_folded_in_the_list_of_these_days_alone(alice: Browser, clock: Clock) -> None:
    clock.forward(days=7)

    assert "4 before now" in alice.open("/schedules/dev?view=month")  # two shifts and two gaps that have begun
    assert "before now" not in alice.open("/schedules/dev?from=2026-02-01&view=month")


def test_my_own_shift_leads_to_the_form_that_asks_for_cover(alice: Browser, vera: Browser) -> None:
    page = alice.open("/schedules/dev")

    address = html.unescape(re.findall(r'class="ask" href="([^"]+)"', page)[0])
    assert "Whom to ask" in alice.open(address)
    assert "Ask for cover" not in vera.open("/schedules/dev")


def test_it_asks_as_often_however_many_people_shifts_and_schedules_there_are(bob: Browser, runtime: Runtime) -> None:
    pages = ("/schedules/dev", "/schedules/dev?view=quarter", "/schedules")
    grow(runtime, people=4, schedules=1)
    before = [asked(bob, path) for path in pages]

    grow(runtime, people=12, schedules=5)
    assert [asked(bob, path) for path in pages] == before == [16, 16, 4]


def grow(runtime: Runtime, people: int, schedules: int) -> None:
    users = [{"handle": f"p{i}", "name": f"P {i}", "country": "IE"} for i in range(people)]
    turns = {"members": [user["handle"] for user in users], "start": "2026-03-01T00:00", "shift": "2 days"}
    many = [
        {"name": name, "timezone": "UTC", "levels": ["L1", "L2"], "rotations": [{"name": "r", **turns}]}
        for name in ("dev", *(f"s{i}" for i in range(schedules)))
    ]
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate({"users": users, "schedules": many}), NOW, confirm=True)
        for user in session.exec(select(User).where(col(User.handle).startswith("p"))):
            times = {"starts_at": NOW, "ends_at": NOW + timedelta(days=20)}
            session.add(Absence(user_id=user.id or 0, created_at=NOW, **times))


def asked(browser: Browser, path: str) -> int:
    """How often a page that has been opened before asks the database."""
    browser.open(path)
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        browser.open(path)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(statements)


def test_why_somebody_can_not_take_a_shift_is_told_on_the_readers_clock(bob: Browser) -> None:
    """The schedule's is Berlin."""
    noon = {"start": "2026-03-04T12:00", "end": "2026-03-04T18:00"}
    bob.submit(
        "/schedules/dev", "/schedules/dev/overrides", kind="add", level="L2", person="bob", confirm="yes", **noon
    )

    form = bob.open("/swaps/new?schedule=dev&level=L2&start=2026-03-04T17:00Z&end=2026-03-04T23:00Z")

    assert "Alice Archer is on dev L1 from Wed 4 Mar 12:00 to 18:00 (EST) too." in form
