"""Windows, and the days that reports are told by."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.errors import BadInput
from oncall.reports.window import Window, periods, window_of

NEW_YORK, APIA = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def test_it_is_the_last_thirty_days_with_today_unless_told_otherwise() -> None:
    """Midnight of the 9th of February in New York; since then clocks have gone forward."""
    assert window_of(None, None, NEW_YORK, NOW) == Window(datetime(2026, 2, 9, 5, tzinfo=UTC), NOW, NEW_YORK)
    assert window_of(NOW - DAY, NOW, NEW_YORK, NOW) == Window(NOW - DAY, NOW, NEW_YORK)
    with pytest.raises(BadInput, match="longer than 400 days"):
        window_of(NOW - 401 * DAY, None, NEW_YORK, NOW)


def test_days_and_weeks_are_named_for_people() -> None:
    tuesday = Window(NOW, NOW + timedelta(hours=1), NEW_YORK)
    assert [each.label for each in periods(tuesday)] == ["Tue 10 Mar"]

    weeks = periods(Window(NOW, NOW + 100 * DAY, NEW_YORK))
    assert [each.label for each in weeks[:4]] == ["10 – 15 Mar", "16 – 22 Mar", "23 – 29 Mar", "30 Mar – 5 Apr"]


def test_a_day_that_clocks_jumped_over_is_none() -> None:
    """Samoa had no 30th of December 2011."""
    start = datetime(2011, 12, 29, 12, tzinfo=UTC)

    assert [each.first_day for each in periods(Window(start, start + 2 * DAY, APIA))] == [
        date(2011, 12, 29),
        date(2011, 12, 31),
        date(2012, 1, 1),
    ]


@given(
    start=st.floats(0, 30 * 365).map(lambda days: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days)),
    length=st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
    zone=st.sampled_from([NEW_YORK, APIA, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Africa/Casablanca")]),
)
def test_they_cover_the_window_without_a_gap(start: datetime, length: timedelta, zone: ZoneInfo) -> None:
    found = periods(Window(start, start + length, zone))

    assert (found[0].start, found[-1].end) == (start, start + length)
    assert all(one.end == next_one.start and one.start < one.end for one, next_one in pairwise(found))
