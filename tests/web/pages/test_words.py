"""How times, names and details are put into words."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.web.pages.conftest import NOW
from web.pages.alerts.details import MOST_ROWS, Row, readable
from web.pages.schedules.blocks import Entry, Who
from web.templating import absolute, dates, hue_class, initials, is_web_link, place, relative

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(seconds=3), "now"),
        (timedelta(seconds=-40), "40 s ago"),
        (timedelta(minutes=-12), "12 min ago"),
        (timedelta(minutes=3), "in 3 min"),
        (timedelta(days=-3), "3 d ago"),
    ],
)
def test_a_moment_is_told_by_its_distance(ahead: timedelta, words: str) -> None:
    assert relative(NOW + ahead, NOW) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "10:00"),
        (NOW + timedelta(days=1), "Tue 10:00"),
        (NOW - timedelta(days=1), "1 Mar 10:00"),  # "Sun" alone would be taken for the next one
        (NOW + timedelta(days=7), "9 Mar 11:00"),  # clocks have gone forward
        (NOW.replace(year=2027), "2 Mar 2027 10:00"),
    ],
)
def test_a_moment_is_told_on_the_readers_clock_as_shortly_as_can_be(moment: datetime, words: str) -> None:
    assert absolute(moment, NOW, NEW_YORK) == words


BEFORE, AFTER = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
"""Clocks in New York show 01:30 at both."""


def test_an_hour_between_two_times_that_look_the_same_is_seen() -> None:
    assert re.sub("<.*?>", "", dates(BEFORE, AFTER, NEW_YORK)) == "Sun 1 Nov 01:30 EDT – 01:30 EST"
    assert absolute(AFTER, BEFORE, NEW_YORK) == "01:30 EST"
    told = Entry("L1", "rotation", BEFORE, AFTER, Who(1, "bob", "Bob")).told(NEW_YORK)
    assert told == "Bob, L1, Sun 1 Nov 01:30 EDT to Sun 1 Nov 01:30 EST"


def test_what_a_pointer_shows_over_a_time_names_zones_without_letters() -> None:
    assert "02:30:00 UTC-03 (Sao Paulo)" in dates(BEFORE, AFTER, ZoneInfo("America/Sao_Paulo"))


def test_people_have_initials_and_a_colour_that_stays() -> None:
    assert [initials(name) for name in ("Alice Archer", "Cher", "Ana de la Cruz", "")] == ["AA", "C", "AC", "?"]
    assert hue_class("alice") == hue_class("alice")
    assert {hue_class(f"person-{number}") for number in range(2000)} == {f"h-{tens}" for tens in range(36)}


def test_a_zone_is_called_by_its_place() -> None:
    assert place(NEW_YORK) == "New York"
    assert place("UTC") == "UTC"


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "http://[", 7]
)
def test_only_web_addresses_become_links(href: object) -> None:
    assert not is_web_link(href)
    assert is_web_link("HTTPS://grafana.example/d/1?x=<y>")


def test_details_are_flattened_to_rows_with_what_is_in_no_group_first() -> None:
    details = {
        "labels": {"kube_job": "db"},
        "tags": ["a", 1],
        "isOn": True,
        "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
    }

    assert readable(details) == [
        Row("Tags", "a, 1"),
        Row("Is on", "yes"),
        Row("kube_job", "db", "Labels"),
        Row("a.b.c.d", "e: 1", "Deep"),
    ]
    responders = [{"type": "team", "name": "ops"}, {"type": "user", "id": 7}]
    assert readable({"responders": responders}) == [Row("Responders", "type: team, name: ops\ntype: user, id: 7")]


def test_details_that_say_nothing_are_left_out() -> None:
    empty = {"startsAt": None, "endsAt": "0001-01-01T00:00:00Z", "none": {}, "labels": {"a": "", "b": [None, {}]}}

    assert readable(empty) == readable({}) == []
    assert readable({"count": 0, "isOn": False}) == [Row("Count", "0"), Row("Is on", "no")]


def test_a_detail_that_is_a_time_is_one() -> None:
    (starts,) = readable({"startsAt": "2026-03-02T15:00:00.123Z"})

    assert (starts.name, starts.at) == ("Starts at", datetime(2026, 3, 2, 15, 0, 0, 123000, tzinfo=UTC))
    assert readable({"on": "2026-03-02T15:00"})[0].at is None  # in which zone?


def test_lists_of_things_within_things_are_indented() -> None:
    frames = [{"file": "a.py", "vars": {"x": [1, 2], "y": {"z": True}}}, {"file": "b.py", "vars": {"x": "1"}}]

    (row,) = readable({"frames": frames})

    assert row.value.splitlines() == [
        *("- file: a.py", "  vars:", "    x:", "      - 1", "      - 2", "    y:", "      z: yes"),
        *("- file: b.py", "  vars:", "    x: 1"),
    ]
    assert row.is_long
    assert row.beginning == "- file: a.py…"


def test_what_is_nested_beyond_reason_is_shown_all_the_same() -> None:
    deep: Any = "end"
    for _ in range(200):
        deep = [{"in": deep}]

    assert "end" in readable({"deep": deep})[0].value


def test_details_without_end_are_cut_and_say_so() -> None:
    rows = readable({str(number): number for number in range(MOST_ROWS + 5)})

    assert len(rows) == MOST_ROWS + 1
    assert rows[-1].value == "and 5 more; the API has them all"
