"""Quiet hours: what falls into them waits until they end, on the wall of whoever has them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.config.values import check_quiet_hours
from oncall.delivery.holding import held_back
from oncall.delivery.quiet import Quiet, held, quiet_of
from oncall.delivery.rules import Planned
from oncall.models import ContactMethod, User
from schedules.hours_text import parse_hours

NEW_YORK = ZoneInfo("America/New_York")
NIGHTS = Quiet(parse_hours("22:00-07:00"), NEW_YORK)
MOBILE = ContactMethod(id=1, user_id=1, name="mobile", kind="sms", address="+12025550101")


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "over_at"),
    [
        ("2026-01-05T21:59", "2026-01-05T21:59"),
        ("2026-01-05T22:00", "2026-01-06T07:00"),
        ("2026-01-06T06:59", "2026-01-06T07:00"),
        ("2026-01-06T07:00", "2026-01-06T07:00"),  # half-open: the end is not quiet any more
        ("2026-03-07T23:00", "2026-03-08T07:00"),  # the night in which clocks jump ahead
        ("2026-10-31T23:00", "2026-11-01T07:00"),  # and the one in which they go back
    ],
)
def test_what_falls_into_them_waits_until_they_end(at: str, over_at: str) -> None:
    assert NIGHTS.over_at(new_york(at)) == new_york(over_at)


def test_hours_that_follow_each_other_are_one_wait() -> None:
    weekend = Quiet(parse_hours("Mon-Fri 22:00-07:00, Sat, Sun"), NEW_YORK)
    assert weekend.over_at(new_york("2026-01-09T23:00")) == new_york("2026-01-12T00:00")


def test_they_are_of_their_own_zone_where_one_is_named() -> None:
    user = User(handle="alice", name="Alice", timezone="Europe/Berlin", quiet_hours="22:00-07:00", created_at=NIGHT)
    assert quiet_of(user) == Quiet(parse_hours("22:00-07:00"), ZoneInfo("Europe/Berlin"))
    user.quiet_timezone = "America/New_York"
    assert quiet_of(user) == NIGHTS
    user.quiet_hours = None
    assert quiet_of(user) is None


NIGHT, MORNING = new_york("2026-01-05T23:00"), new_york("2026-01-06T07:00")


def test_each_message_is_held_by_itself_and_says_so() -> None:
    early, late = Planned(MOBILE, NIGHT - timedelta(hours=2)), Planned(MOBILE, NIGHT)
    assert held(NIGHTS, [early, late]) == [early, Planned(MOBILE, MORNING, waits_from=NIGHT)]
    assert held(None, [late]) == [late]


def test_a_step_is_held_back_only_while_nobody_is_told() -> None:
    waits, goes = Planned(MOBILE, MORNING, waits_from=NIGHT), Planned(MOBILE, NIGHT)
    assert held_back([(1, [waits]), (2, [waits]), (2, [goes]), (3, [goes]), (4, [])]) == {1: timedelta(hours=8)}


@pytest.mark.parametrize(
    "text", ["00:00-24:00", "Mon-Sun", "00:00-12:00, 12:00-24:00", "at night", "25:00-26:00", "22:00-07:00, " * 20]
)
def test_hours_that_can_not_be_meant_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"whole week|Can't read|not a time|too long"):
        check_quiet_hours(text)
