"""The server's flood limit: five lines at once, then one in two seconds."""

from hypothesis import given
from hypothesis import strategies as st

from notifiers.irc_flood import BURST, next_line


def _times(asked: list[float]) -> list[float]:
    """When lines leave that are asked for at these times."""
    full_at, left = 0.0, []
    for at in asked:
        wait, full_at = next_line(full_at, at, 2.0)
        left.append(at + wait)
    return left


def test_five_lines_leave_at_once_and_then_one_in_two_seconds() -> None:
    assert _times([100.0] * 8) == [100, 100, 100, 100, 100, 102, 104, 106]


def test_after_a_pause_there_may_be_another_burst() -> None:
    assert _times([100.0] * 5 + [110.0] * 6)[5:] == [110, 110, 110, 110, 110, 112]


def test_without_a_limit_nothing_waits() -> None:
    assert next_line(0.0, 100.0, 0.0) == (0.0, 100.0)


@given(st.lists(st.floats(0, 30), max_size=60).map(sorted))
def test_in_no_time_do_more_lines_leave_than_the_server_takes(asked: list[float]) -> None:
    left = _times(asked)
    for first in range(len(left)):
        for last in range(first, len(left)):
            assert last - first + 1 <= BURST + (left[last] - left[first]) / 2.0 + 1e-6
