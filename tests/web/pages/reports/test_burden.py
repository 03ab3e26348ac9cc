"""The page of hours and pages by person."""

import re

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.conftest import NOW, Clock


def rows(page: str) -> dict[str, list[str]]:
    """The table's figures by the row's head."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)[1:]:
        head, *figures = [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        found[head] = figures
    return found


def test_it_shows_everybody_s_figures_and_the_sums(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    fire(runtime)  # at 10:00 in New York, to Alice
    clock.forward(hours=1)

    page = alice.open("/burden")

    assert "Tue 2 Dec 2025 to Mon 2 Mar 2026" in page
    assert rows(page) == {  # the turn began at midnight in Berlin, and the schedule was made an hour ago
        "AA Alice Archer you": ["1.0", "0.0", "0.0", "?", "1", "1", "0"],
        "BB Bob Baker": ["1.0", "0.0", "0.0", "?", "1", "0", "0"],
        "Everybody": ["2.0", "0.0", "0.0", "0.0", "2", "1", "0"],
    }


def test_its_address_says_which_days_and_which_schedule(alice: Browser) -> None:
    page = alice.open("/burden?window=next-90&schedule=dev")

    assert rows(page)["BB Bob Baker"][0] == "104.0"
    assert "Mon 2 Mar 2026 to Sun 31 May 2026" in page
    assert 'href="/burden?window=last-30&amp;schedule=dev"' in page
    assert 'href="/burden?schedule=dev"' in page
    assert "<option selected>dev</option>" in page


def test_a_window_that_is_not_offered_is_the_usual_one(alice: Browser) -> None:
    assert rows(alice.open("/burden?window=forever")) == rows(alice.open("/burden"))


def test_it_says_whose_holidays_are_not_known(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    clock.forward(hours=1)
    assert "Holidays of Alice Archer, Bob Baker are not counted" in alice.open("/burden")

    with runtime.database.transaction() as session:
        person(session, "alice").country = "US"
    page = alice.open("/burden?window=last-30")
    assert "Holidays of Bob Baker are not counted" in page
    assert rows(page)["AA Alice Archer you"][3] == "0.0"


def test_the_same_is_there_as_csv(alice: Browser) -> None:
    assert 'href="/burden.csv?window=next-90&amp;schedule=dev"' in alice.open("/burden?window=next-90&schedule=dev")

    answer = alice.client.get("/burden.csv?window=next-90&schedule=dev")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="burden-2026-03-02-2026-05-31.csv"'
    assert "alice,Alice Archer,,America/New_York,104.00," in answer.text


def test_an_unknown_schedule_is_said_to_be_missing(alice: Browser) -> None:
    assert "There is no schedule ops. Known are: dev." in alice.open("/burden?schedule=ops", status=404)


def test_schedules_lead_to_it(alice: Browser) -> None:
    assert 'href="/burden"' in alice.open("/schedules")
    assert 'href="/burden?schedule=dev"' in alice.open("/schedules/dev")


def test_it_is_for_people_who_have_signed_in(stranger: TestClient) -> None:
    for path in ("/burden", "/burden.csv"):
        assert stranger.get(path).headers["location"].startswith("/login")


def test_of_many_those_with_the_most_hours_are_seen_and_the_others_folded_away(
    alice: Browser, runtime: Runtime
) -> None:
    people = [{"handle": f"dev{number:02}", "name": f"Dev {number:02}"} for number in range(30)]
    turns = {
        "name": "hours",
        "members": [each["handle"] for each in people],
        "start": "2026-03-02T00:00",
        "shift": "1 day",
    }
    schedule = {"name": "many", "timezone": "UTC", "levels": ["L1"], "rotations": [turns]}
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate({"users": people, "schedules": [schedule]}), NOW)

    page = alice.open("/burden?window=next-90&schedule=many")

    seen, _, folded = page.partition("</tfoot>")
    assert (seen.count(">Dev "), folded.count(">Dev ")) == (24, 6)
    assert "6 more, with fewer hours" in folded
