"""Windows that repeat: by the clock on the wall, right through daylight-saving time."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.errors import ScheduleError
from schedules.recurrence import Recurrence, read_rule, why_never
from schedules.wallclock import to_local, to_utc

PARIS = ZoneInfo("Europe/Paris")


def of(rule: str, start: str = "2026-01-04T01:00", lasts: timedelta = timedelta(hours=3)) -> Recurrence:
    begin = datetime.fromisoformat(start)
    return Recurrence(read_rule(rule), begin, begin + lasts, PARIS)


def test_every_sunday_is_every_sunday() -> None:
    starts = [start for start, _ in islice(of("FREQ=WEEKLY;BYDAY=SU").spans(), 3)]

    assert starts == [datetime(2026, 1, day, 0, tzinfo=UTC) for day in (4, 11, 18)]


def test_its_edges_are_those_of_the_clock_on_the_wall_when_clocks_change() -> None:
    """From 01:00 to 04:00: an hour less in spring, an hour more in autumn."""
    spans = {start.astimezone(PARIS).date().isoformat(): end - start for start, end in islice(of("weekly").spans(), 52)}

    assert spans["2026-03-29"] == timedelta(hours=2)
    assert spans["2026-10-25"] == timedelta(hours=4)
    assert {length for day, length in spans.items() if day not in ("2026-03-29", "2026-10-25")} == {timedelta(hours=3)}


def test_one_over_which_clocks_jump_does_not_come() -> None:
    nightly = of("daily", "2026-03-27T02:30", timedelta(minutes=45))

    assert [start.day for start, _ in islice(nightly.spans(), 4)] == [27, 28, 30, 31]


def test_the_next_one_may_be_on_already() -> None:
    now = datetime(2026, 1, 11, 1, tzinfo=UTC)
    first = of("weekly").next(now)

    assert first == (datetime(2026, 1, 11, 0, tzinfo=UTC), datetime(2026, 1, 11, 3, tzinfo=UTC))
    assert of("weekly").next(now, after=first[0]) == (
        datetime(2026, 1, 18, tzinfo=UTC),
        datetime(2026, 1, 18, 3, tzinfo=UTC),
    )


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;UNTIL=20260117T225959Z"])
def test_a_rule_may_end(rule: str) -> None:
    assert len(list(of(rule).spans())) == 2
    assert of(rule).next(datetime(2027, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("hourly", "write daily, weekdays, weekly"),
        ("FREQ=SECONDLY", "FREQ is one of DAILY"),
        ("FREQ=DAILY;BYHOUR=3", '"BYHOUR" can\'t be in a rule'),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a number from 1"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "COUNT or UNTIL, not both"),
        ("FREQ=WEEKLY;BYDAY=XX", "no rule that can be read"),
        ("FREQ=DAILY;UNTIL=soonZ", "is not a time"),
    ],
)
def test_a_rule_that_can_t_be_read_is_said_so(rule: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        read_rule(rule)


@pytest.mark.parametrize(
    "rule",
    [
        *("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=DAILY;COUNT=0"),
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",  # from 2026 on, never a leap year
    ],
)
def test_a_rule_that_never_happens_is_found_out(rule: str) -> None:
    recurrence = of(rule)

    assert "never happens" in why_never(recurrence.rule, recurrence.start, recurrence.end, PARIS)


@given(
    st.sampled_from(sorted(available_timezones())),
    st.integers(0, 35 * 365 * 24 * 60).map(
        lambda minutes: datetime.fromisoformat("2000-01-01") + timedelta(minutes=minutes)
    ),
    st.integers(1, 30 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.sampled_from(["daily", "weekdays", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=MONTHLY;BYDAY=-1FR"]),
)
def test_every_window_shows_its_times_on_the_wall(zone: str, start: datetime, lasts: timedelta, rule: str) -> None:
    """In every zone, each begins and ends at its wall-clock times, but where clocks jump over them; and in order."""
    place = ZoneInfo(zone)
    spans = list(islice(Recurrence(read_rule(rule), start, start + lasts, place).spans(), 20))

    assert spans
    for begin, end in spans:
        today = datetime.combine(to_local(begin, place), start.time())
        assert begin in {to_utc(day, place) for day in (today, today - timedelta(days=1))}
        assert begin < end
    assert all(one[0] < other[0] for one, other in pairwise(spans))
