"""When a provider is asked about a message, and when texts are fetched."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.delivery.asking import LASTS, next_ask
from oncall.delivery.fetching import OLDEST, OVERLAP, is_due, read_from

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "has_callbacks", "seconds"),
    [("sms", True, 60), ("voice", True, 180), ("sms", False, 5), ("voice", False, 5)],
)
def test_an_overdue_receipt_is_asked_for(kind: str, has_callbacks: bool, seconds: int) -> None:
    assert next_ask(kind, NOW, 0, NOW, has_callbacks=has_callbacks) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("kind", ["email", "webhook", "irc", "slack", "apprise"])
def test_who_can_not_tell_is_not_asked(kind: str) -> None:
    assert next_ask(kind, NOW, 0, NOW, has_callbacks=False) is None


def test_waits_double_up_to_an_hour_and_end_after_a_day() -> None:
    at, waits = NOW, []
    for asks in range(100):
        following = next_ask("sms", NOW, asks, at, has_callbacks=True)
        if following is None:
            break
        waits.append((following - at) // MINUTE)
        at = following
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert NOW + LASTS - timedelta(hours=1) < at <= NOW + LASTS
    assert len(waits) < 30


@pytest.mark.parametrize(
    ("seconds_ago", "is_awaited", "due"),
    [(3, True, True), (2, True, False), (3, False, False), (60, False, True)],
)
def test_texts_are_fetched_often_only_while_one_is_awaited(seconds_ago: int, is_awaited: bool, due: bool) -> None:
    assert is_due(NOW - timedelta(seconds=seconds_ago), NOW, is_awaited=is_awaited) is due
    assert is_due(None, NOW, is_awaited=is_awaited)


def test_reading_goes_on_where_it_ended_but_not_from_days_ago() -> None:
    assert read_from(None, NOW) == NOW
    assert read_from(NOW - MINUTE, NOW) == NOW - MINUTE - OVERLAP
    assert read_from(NOW - timedelta(days=30), NOW) == NOW - OLDEST
