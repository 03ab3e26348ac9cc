"""Which account an attempt goes through, and what its answers say of it."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.delivery.health import (
    FIRST_PAUSE,
    HURRIED,
    LONGEST_PAUSE,
    NEW,
    SUCCESS_TOLD,
    SUSPECTED,
    Health,
    choose,
    failed,
    patience,
    tried,
    worked,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
S = timedelta(seconds=1)
FAILED = failed(NEW, NOW, NOW, "HTTP 503")


def paused(seconds: int) -> Health:
    return Health(failures=1, failing_since=NOW, paused_until=NOW + seconds * S)


@pytest.mark.parametrize(
    ("health", "chosen"),
    [
        ({}, "first"),
        ({"first": paused(5)}, "second"),
        ({"first": paused(5), "second": paused(5)}, "third"),
        ({"first": paused(0)}, "first"),
        ({"first": paused(9), "second": paused(5), "third": paused(7)}, "second"),
    ],
)
def test_the_first_that_is_not_paused_else_the_soonest(health: dict[str, Health], chosen: str) -> None:
    assert choose(["first", "second", "third"], health, NOW) == chosen


def test_a_failure_pauses_and_each_further_one_for_longer() -> None:
    health, at, pauses = NEW, NOW, []
    for _ in range(9):
        health = failed(health, at, at, "HTTP 503")
        assert health.paused_until is not None
        pauses.append((health.paused_until - at) // S)
        at = health.paused_until
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert (health.failures, health.failing_since) == (9, NOW)


def test_what_was_under_way_when_the_pause_began_adds_nothing() -> None:
    assert failed(FAILED, NOW - 9 * S, NOW + S, "HTTP 503") == FAILED
    assert failed(FAILED, NOW + 2 * S, NOW + 20 * S, "HTTP 503") == FAILED


def test_the_provider_s_own_wait_is_kept_to_within_reason() -> None:
    assert failed(NEW, NOW, NOW, "429", wanted=60 * S).paused_until == NOW + 60 * S
    assert failed(NEW, NOW, NOW, "429", wanted=timedelta(days=1)).paused_until == NOW + LONGEST_PAUSE


def test_after_its_pause_one_attempt_tries_and_the_next_go_elsewhere_until_it_has_worked() -> None:
    after = NOW + 5 * S
    trial = tried(FAILED, after)
    assert choose(["first", "second"], {"first": FAILED}, after) == "first"
    assert choose(["first", "second"], {"first": trial}, after) == "second"
    assert failed(trial, after, after + S, "HTTP 503") == trial, "it was counted when it began"
    assert worked(trial, after + S) == Health(last_success_at=after + S)


def test_to_try_a_healthy_account_or_one_whose_pause_lasts_changes_nothing() -> None:
    assert tried(NEW, NOW) == NEW
    assert tried(FAILED, NOW + S) == FAILED


def test_successes_are_told_once_a_minute() -> None:
    health = worked(NEW, NOW)
    assert worked(health, NOW + S) is health
    assert worked(health, NOW + SUCCESS_TOLD).last_success_at == NOW + SUCCESS_TOLD


@pytest.mark.parametrize(
    ("accounts", "health", "within"),
    [
        (["first"], {}, None),
        (["first"], {"first": paused(0)}, None),
        (["first", "second"], {}, HURRIED),
        (["first", "second"], {"first": paused(0)}, SUSPECTED),
        (["first", "second"], {"second": paused(5)}, None),
        (["first", "second", "third"], {"second": paused(5)}, HURRIED),
    ],
)
def test_an_account_is_waited_for_less_while_another_is_free_and_least_after_a_failure(
    accounts: list[str], health: dict[str, Health], within: timedelta | None
) -> None:
    assert patience(accounts, health, "first", NOW) == within


def test_what_hangs_behind_the_first_that_failed_ends_within_the_pause() -> None:
    assert HURRIED < FIRST_PAUSE
