"""How many of its threads a process gives to one kind."""

import pytest

from oncall.delivery.shares import Shares

KINDS = ["sms", "voice", "slack", "email", "irc", "webhook", "apprise"]


def taken(shares: Shares, kind: str) -> int:
    """All that a kind can get."""
    before = shares.free
    while shares.have_room(kind):
        shares.take(kind)
    return before - shares.free


@pytest.mark.parametrize(
    ("threads", "parts"), [(64, [32, 16, 8, 4, 2, 1, 1]), (8, [4, 2, 1, 1, 0, 0, 0]), (1, [1, 0, 0, 0, 0, 0, 0])]
)
def test_a_kind_that_hangs_comes_to_half_and_the_next_to_half_of_the_rest(threads: int, parts: list[int]) -> None:
    shares = Shares(threads, {})
    assert [taken(shares, kind) for kind in KINDS] == parts


def test_what_ends_makes_room_again() -> None:
    shares = Shares(8, {"sms": 4})
    assert (shares.have_room("sms"), shares.full) == (False, ["sms"])
    assert Shares(8, {"sms": 3}).have_room("sms")


def test_of_a_mixed_queue_those_fit_that_have_room_and_nothing_is_taken_yet() -> None:
    shares = Shares(8, {"sms": 3})
    queue = ["sms", "sms", "slack", "sms", "email"]
    assert shares.fit(queue, str) == ["sms", "slack", "email"]
    assert shares.free == 5
