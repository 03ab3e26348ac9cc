"""A schedule's page: its weeks, its gaps, overrides and calendar links."""

import html
import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import Override, Rotation, Schedule
from oncall.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW, Clock
from web.pages.lanes import Window


def test_all_schedules_are_listed(alice: Browser) -> None:
    assert 'href="/schedules/dev"' in alice.open("/schedules")


def test_it_draws_shifts_and_the_gap_in_the_readers_zone(alice: Browser) -> None:
    page = alice.open("/schedules/dev")

    assert "Mon 2 Mar to Sun 15 Mar 2026" in page
    assert "Times of New York (EST)" in page
    assert "the schedule runs on Berlin time" in page
    assert "<b>gap</b>" in page
    assert "Gap: nobody" in page
    assert page.count("Alice Archer, L1, Sun 01 Mar 18:00 to Fri 06 Mar 18:00") == 1
    assert "<b>Alice Archer</b><i>AA</i>" in page  # where there is little room


def test_it_says_what_needs_attention_in_words(alice: Browser) -> None:
    page = alice.open("/schedules/dev")

    assert "Needs attention, 2" in page
    assert page.count("</svg>gap</span>") == 2
    assert "Nobody is on L2 from Sat 2026-03-07 00:00 CET on: add a rotation or an override." in page


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


def test_its_address_says_which_days(alice: Browser) -> None:
    page = alice.open("/schedules/dev?from=2026-03-02&days=7")

    assert "Mon 2 Mar to Sun 8 Mar 2026" in page
    assert "?from=2026-03-09&amp;days=7" in page
    assert "?from=2026-02-23&amp;days=7" in page


def test_days_that_can_not_be_shown_are_refused_with_a_sentence(alice: Browser) -> None:
    for query in ("from=tomorrow", "days=0", "days=999", "from=0001-01-01", "from=9999-12-31"):
        assert "oncall" in alice.open(f"/schedules/dev?{query}", status=400)


def test_a_schedule_that_does_not_exist_is_said_to_be_missing(alice: Browser) -> None:
    assert "There is no schedule nope" in alice.open("/schedules/nope", status=404)


def test_a_window_over_the_change_of_clocks_has_days_of_23_hours() -> None:
    window = Window(date(2026, 3, 8), 2, ZoneInfo("America/New_York"))

    assert window.end - window.start == timedelta(hours=47)
    assert window.column(window.midnight(1)) == 1 + round(480 * 23 / 47)


def test_an_override_is_added_on_the_schedules_clock_and_taken_back(alice: Browser, runtime: Runtime) -> None:
    page = alice.submit(
        "/schedules/dev",
        "/schedules/dev/overrides",
        level="L1",
        person="alice",
        start="2026-03-04T10:00",
        end="2026-03-04T12:00",
    )
    assert "Alice Archer takes L1 of dev from 2026-03-04 10:00 to 2026-03-04 12:00." in page
    assert "by an override" in page
    with runtime.database.read() as session:
        override = session.exec(select(Override)).one()
    assert override.starts_at.isoformat() == "2026-03-04T09:00:00+00:00"

    page = alice.submit("/schedules/dev", f"/schedules/dev/overrides/{override.id}/delete")
    assert "the rotation applies again" in page
    assert "by an override" not in page


def test_an_override_that_makes_no_sense_is_refused_with_a_sentence(alice: Browser) -> None:
    good = {"level": "L1", "person": "alice", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    for bad, sentence in [
        ({"end": "2026-03-04T09:00"}, "ends before it starts"),
        ({"person": ""}, "must say in `user` who comes on"),
        ({"person": "zoe"}, "Choose people from the lists."),
        ({"level": "L9"}, "has no level L9"),
        ({"start": "soon"}, "Say when the override starts"),
        ({"start": "9998-03-04T10:00", "end": "9998-03-05T10:00"}, "too far away"),
        ({"start": "9999-12-31T23:58", "end": "9999-12-31T23:59"}, "too far away"),
        ({"start": "2026-03-01T10:00"}, "starts in the past"),
        ({"start": "2026-03-29T02:30", "end": "2026-03-29T05:00"}, "02:30 is skipped on that day"),
    ]:
        assert sentence in alice.submit("/schedules/dev", "/schedules/dev/overrides", **(good | bad))


def test_a_refused_override_is_still_in_its_form_to_be_mended(bob: Browser) -> None:
    typed = {
        "level": "L2",
        "kind": "add",
        "person": "alice",
        "replaces": "vera",
        "start": "2026-03-04T10:00",
        "end": "2026-03-04T09:00",
    }

    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **typed)

    form = page.partition('id="add-override"')[2].partition("</form>")[0]
    assert re.findall(r"<option (?:value=\"(\w+)\" )?selected>(?:(L\d)<)?", form) == [
        ("", "L2"),
        ("add", ""),
        ("alice", ""),
        ("vera", ""),
    ]
    assert re.findall(r'type="datetime-local" name="\w+" value="([^"]+)"', form) == [typed["start"], typed["end"]]
    assert "selected" not in bob.open("/schedules/dev")  # said once


def test_what_was_typed_into_a_form_may_be_too_much_to_keep(bob: Browser) -> None:
    page = bob.submit("/schedules/dev", "/schedules/dev/temporary", note="\N{SNOWMAN}" * 1000, start="soon")

    assert "Say when the window starts" in page
    assert "\N{SNOWMAN}" not in page


def test_nobody_is_put_on_call_by_a_colleague(alice: Browser, bob: Browser) -> None:
    shift = {"level": "L1", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    form = alice.forms("/schedules/dev")["/schedules/dev/overrides"]

    answer = alice.post("/schedules/dev/overrides", **(form | shift | {"person": "bob"}))

    assert answer.status_code == 403
    assert "Only Bob Baker, a manager of the team or an admin" in html.unescape(answer.text)
    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **(shift | {"person": "alice"}))
    assert "Alice Archer takes L1" in page


def test_an_override_is_taken_back_only_at_the_address_of_its_schedule(bob: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.add(Schedule(name="other", timezone="UTC", levels=["L1"], created_at=NOW))
    shift = {"level": "L1", "person": "bob", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00", "confirm": "yes"}
    bob.submit("/schedules/dev", "/schedules/dev/overrides", **shift)
    form = bob.forms("/schedules/dev")["/schedules/dev/overrides/1/delete"]

    answer = bob.post("/schedules/other/overrides/1/delete", **form)

    assert answer.status_code == 404
    assert "Schedule other has no override 1." in answer.text
    with runtime.database.read() as session:
        assert session.exec(select(Override)).one()


def test_a_viewer_sees_overrides_but_no_form(vera: Browser) -> None:
    assert list(vera.forms("/schedules/dev")) == []


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


def test_the_form_offers_only_whom_one_may_put_on_call(alice: Browser, bob: Browser) -> None:
    page = alice.open("/schedules/dev")
    assert offered(page) == ["alice"]
    assert "ask a manager of the team or an admin" in page
    assert "alice" in offered(bob.open("/schedules/dev"))


def offered(page: str) -> list[str]:
    """The people who may come on."""
    choices = page.partition('name="person"')[2].partition("</select>")[0]
    return re.findall(r'<option value="(\w+)"', choices)


WINDOW = {"start": "2026-03-04T10:00", "end": "2026-03-05T10:00"}


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
    page = alice.submit("/schedules/dev", "/schedules/dev/shadows", level="L1", person="alice", **WINDOW)
    assert "Alice Archer follows along with L1 of dev." in page
    assert "as a shadow" in page

    assert "Nobody. Whoever is new" in alice.submit("/schedules/dev", "/schedules/dev/shadows/1/end")


def test_two_on_a_level_are_both_drawn(bob: Browser) -> None:
    joins = {"level": "L1", "kind": "add", "person": "bob", "confirm": "yes"}
    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **joins, **WINDOW)
    assert "Bob Baker joins L1" in page
    assert page.count("Alice Archer, L1, ") == page.count("Bob Baker, L1, ") == 1
