"""Which days a timeline shows, as its address says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oncall.errors import BadInput
from web.pages.schedules.timeline import Asked, Shown, View, shown

NOW = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
"""A Wednesday; in Berlin already Thursday."""
LONDON, BERLIN = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin")


def open_at(first: str = "", view: str = "", zone: str = "") -> Shown:
    return shown(Asked(first, view, zone), LONDON, BERLIN, NOW)


@pytest.mark.parametrize(
    ("view", "first", "last"),
    [
        ("day", "2026-03-04", "2026-03-04"),
        ("week", "2026-03-02", "2026-03-08"),
        ("", "2026-03-04", "2026-03-17"),
        ("month", "2026-03-01", "2026-03-31"),
        ("quarter", "2026-03-01", "2026-05-31"),
    ],
)
def test_each_view_is_around_today_and_weeks_and_months_are_whole(view: str, first: str, last: str) -> None:
    window = open_at(view=view).window

    assert (window.first.isoformat(), window.last.isoformat()) == (first, last)


def test_today_is_that_of_the_clock_that_is_shown() -> None:
    assert open_at(view="day").window.first.day == 4
    assert open_at(view="day", zone="schedule").window.first.day == 5


def test_earlier_and_later_lead_to_the_next_of_the_kind() -> None:
    november = open_at("2026-11-15", "month", "schedule")

    assert november.later == "?view=month&from=2026-12-01&zone=schedule"
    assert open_at("2026-12-15", "month").later == "?view=month&from=2027-01-01"
    assert november.earlier == "?view=month&from=2026-10-01&zone=schedule"
    assert november.now == "?view=month&zone=schedule"
    assert open_at("2026-11-15", "quarter").earlier == "?view=quarter&from=2026-08-01"


def test_another_view_stays_where_one_is_and_around_today_stays_there() -> None:
    assert open_at("2026-11-15").as_view(View.WEEK) == "?view=week&from=2026-11-15"
    assert open_at(view="month").as_view(View.DAY) == "?view=day"
    assert open_at(view="month").in_zone(of_schedule=True) == "?view=month&zone=schedule"
    assert open_at().as_view(View.WEEKS) == "?"


@pytest.mark.parametrize(
    ("first", "view"), [("soon", ""), ("", "century"), ("1999-01-01", ""), ("9999-12-31", "month")]
)
def test_what_can_not_be_shown_is_refused_with_a_sentence(first: str, view: str) -> None:
    with pytest.raises(BadInput, match="in the address"):
        open_at(first, view)
