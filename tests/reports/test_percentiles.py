"""Nearest rank over parts, held against sorting them all."""

import math

from hypothesis import given
from hypothesis import strategies as st

from oncall.reports.percentiles import Spread, spread

LENGTHS = st.lists(st.integers(-5, 10_000), max_size=20)


@given(st.lists(LENGTHS, max_size=6))
def test_parts_are_ranked_as_if_they_were_one(parts: list[list[int]]) -> None:
    whole = sorted(max(0, each) for part in parts for each in part)

    found = spread([sorted(part) for part in parts])

    ranked = [whole[math.ceil(len(whole) * share) - 1] if whole else None for share in (0.5, 0.9)]
    assert found == Spread(len(whole), *ranked)
