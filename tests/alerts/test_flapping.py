"""When a dedup key that triggers once more is flapping."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.alerts.flapping import Lately, flapping

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=8)


@pytest.mark.parametrize("lately", [None, Lately(1, SINCE), Lately(3, SINCE), Lately(3, SINCE, was_told=True)])
def test_what_triggers_now_and_then_is_not(lately: Lately | None) -> None:
    assert flapping(lately, NOW) is None


def test_the_fifth_time_is_paged_and_says_so() -> None:
    flap = flapping(Lately(4, SINCE), NOW)
    assert flap is not None
    assert (flap.times, flap.first_step_at) == (5, NOW)
    assert flap.text == "Flapping: 5 times in 8 min. Paging again only if it stays open for 5 min or gets worse"


def test_later_ones_wait_until_they_have_stayed_open() -> None:
    flap = flapping(Lately(5, SINCE, was_told=True), NOW)
    assert flap is not None
    assert (flap.times, flap.first_step_at) == (6, NOW + timedelta(minutes=5))
    assert flap.text.startswith("Flapping: 6 times in 8 min. Not paged unless")
