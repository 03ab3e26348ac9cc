import pytest

from schedules.durations import Duration, parse_duration
from schedules.errors import ScheduleError


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("12 hours", Duration(12, "hours")),
        ("1 hour", Duration(1, "hours")),
        ("3 days", Duration(3, "days")),
        ("1 week", Duration(1, "weeks")),
        ("2 months", Duration(2, "months")),
        ("3d", Duration(3, "days")),
        ("12h", Duration(12, "hours")),
        ("1w", Duration(1, "weeks")),
        (" 3  Days ", Duration(3, "days")),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "3", "days", "-3 days", "1.5 days", "3 minutes", "2m", "3 days 4 hours", "1000 days", "٣ days"]
)
def test_what_cannot_be_read_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ScheduleError, match='write a whole number of hours, days, weeks or months, like "3 days"'):
        parse_duration(text)


def test_a_shift_lasts_some_time() -> None:
    with pytest.raises(ScheduleError, match='write at least 1, like "1 week"'):
        parse_duration("0 weeks")


@pytest.mark.parametrize("text", ["1 hour", "12 hours", "3 days", "1 month"])
def test_a_duration_reads_back_as_it_prints(text: str) -> None:
    assert str(parse_duration(text)) == text
