"""What a key may send: a burst, then the rate; each key for itself."""

import pytest

from oncall.errors import TooManyRequests
from oncall.ingest import rate
from oncall.ingest.rate import RateLimit


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def taken(limit: RateLimit, key: str, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            limit.take(key)
            count += 1
        except TooManyRequests:
            pass
    return count


def test_a_minute_s_worth_may_come_at_once_and_then_the_rate(seconds: Seconds) -> None:
    limit = RateLimit(2.0, seconds)

    assert taken(limit, "runaway", 500) == 120
    seconds.now += 10
    assert taken(limit, "runaway", 500) == 20


def test_who_waits_as_long_as_told_is_taken(seconds: Seconds) -> None:
    limit = RateLimit(0.1, seconds)
    taken(limit, "runaway", 6)

    with pytest.raises(TooManyRequests) as refused:
        limit.take("runaway")
    seconds.now += refused.value.retry_after

    limit.take("runaway")


def test_one_key_s_flood_is_not_another_s_limit(seconds: Seconds) -> None:
    limit = RateLimit(1.0, seconds)
    taken(limit, "runaway", 500)

    assert taken(limit, "quiet", 1) == 1


def test_a_rate_of_nothing_is_no_limit(seconds: Seconds) -> None:
    assert taken(RateLimit(0.0, seconds), "runaway", 5000) == 5000


def test_keys_that_have_rested_are_forgotten(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MOST_KEYS", 10)
    limit = RateLimit(1.0, seconds)
    for number in range(50):
        limit.take(f"guess-{number}")
        seconds.now += 2

    assert len(limit._full_at) <= 11
