"""When a message that may come late is looked for."""

from datetime import UTC, datetime, timedelta

from oncall.delivery.unsure import STILL_HELD, is_held, next_look

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
UNTIL = NOW + STILL_HELD


def test_it_is_looked_for_ever_less_often_and_last_when_nothing_can_come_any_more() -> None:
    at, looks = NOW, []
    while at < UNTIL:
        at = next_look(UNTIL, at)
        looks.append((at - NOW).total_seconds())
    assert looks == [2, 4, 8, 16, 32, 64, 75]


def test_it_may_come_until_then_and_not_any_more_at_that_moment() -> None:
    assert is_held(UNTIL, UNTIL - timedelta(seconds=1))
    assert not is_held(UNTIL, UNTIL)
    assert not is_held(None, NOW)
