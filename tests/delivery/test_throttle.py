"""When a page goes to an address to which others went a moment ago."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall.delivery.throttle import LATELY, Said, Waiting, held_until

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEB, PAYMENTS = 1, 2


def said(*seconds_ago: float, service: int = WEB) -> list[Said]:
    return [Said(NOW - timedelta(seconds=seconds), service) for seconds in seconds_ago]


def wait(*before: Said, rings: bool = False, service: int = WEB, was_held: bool = False) -> float:
    """Seconds that a page is held back now."""
    until = held_until(before, [Waiting(service, was_held)], NOW, MINUTE, rings=rings)
    return 0.0 if until is None else (until - NOW).total_seconds()


def test_the_first_goes_at_once() -> None:
    assert wait() == wait(rings=True) == 0


def test_each_further_one_is_further_off_but_never_by_more_than_the_longest_gap() -> None:
    assert [wait(*said(*[0] * count)) for count in range(1, 10)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_went_long_enough_ago_holds_nothing_back() -> None:
    assert wait(*said(1)) == 0
    assert wait(*said(3, 2, 1)) == 3


def test_a_call_leaves_time_to_answer_the_one_before() -> None:
    assert wait(*said(20), rings=True) == 40


def test_a_service_that_was_not_spoken_of_goes_at_once_unless_very_much_was_sent() -> None:
    assert wait(*said(0, 0, 0, 0, 0), service=PAYMENTS) == 0
    assert wait(*said(*[0] * 10), service=PAYMENTS) == 60
    assert wait(*said(0), service=PAYMENTS, rings=True) == 60


def test_whatever_has_been_held_back_once_is_not_held_again() -> None:
    assert wait(*said(0, 0, 0, 0, 0), was_held=True) == 0


@given(
    st.lists(st.tuples(st.floats(-3600, 600), st.integers(1, 5)), max_size=50),
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=50),
    st.booleans(),
)
def test_nothing_is_ever_held_for_longer_than_the_longest_gap(
    before: list[tuple[float, int]], due: list[tuple[int, bool]], rings: bool
) -> None:
    """Not even after a clock was set back, when what was said lies ahead."""
    lately = [Said(NOW - timedelta(seconds=ago), service) for ago, service in before]
    until = held_until(lately, [Waiting(*each) for each in due], NOW, MINUTE, rings=rings)
    assert until is None or NOW < until <= NOW + MINUTE


@given(st.lists(st.floats(0, 600), min_size=1, max_size=300))
def test_a_storm_of_one_service_is_a_handful_of_messages(arrivals: list[float]) -> None:
    """Played through: pages arrive, are held, and go together. In ten minutes sixteen at most, however many arrive."""
    sent: list[Said] = []
    held: datetime | None = None
    for at in sorted(NOW + timedelta(seconds=seconds) for seconds in arrivals):
        if held is not None and held <= at:
            sent.append(Said(held, WEB))
            held = None
        if held is None:
            lately = [each for each in sent if each.at > at - LATELY]
            held = held_until(lately, [Waiting(WEB)], at, MINUTE)
            if held is None:
                sent.append(Said(at, WEB))
    assert len(sent) <= 16
