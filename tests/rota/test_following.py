"""How a shadow shift is told to whoever follows."""

from collections.abc import Sequence

import pytest

from oncall.rota.following import Following
from tests.schedules.cast import utc


def following(people: Sequence[str], *, is_first: bool = False) -> Following:
    return Following("dev", "L1", utc("2026-11-23 14:00"), utc("2026-11-24 14:00"), is_first, people)


@pytest.mark.parametrize(
    ("people", "with_them", "before_them"),
    [
        (["Alice"], "Following Alice on dev L1", "Paged first on dev L1, with Alice behind you"),
        (["Alice", "Bob"], "Following Alice and Bob on dev L1", "Paged first on dev L1, with Alice and Bob behind you"),
        (
            ["Alice", "Bob", "Carol", "Dave"],
            "Following Alice, Bob and 2 more on dev L1",
            "Paged first on dev L1, with Alice, Bob and 2 more behind you",
        ),
        ([], "Following dev L1, where nobody is on call", "Paged first on dev L1, with nobody behind you"),
    ],
)
def test_it_names_who_is_on_the_level_meanwhile(people: list[str], with_them: str, before_them: str) -> None:
    assert following(people).words == with_them
    assert following(people, is_first=True).words == before_them


def test_it_says_what_it_means() -> None:
    assert "nobody waits for your answer" in following(["Alice"]).hint
    assert "whoever is on call is paged a minute later" in following(["Alice"], is_first=True).hint
