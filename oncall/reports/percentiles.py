"""Median and 90th percentile, exact: by nearest rank, so that each is a length that did occur."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

WANTED = (50, 90)


class Spread(NamedTuple):
    """Of so many `lengths` of time: half of them took at most `median` seconds, nine in ten at most `p90`."""

    lengths: int
    median: int | None
    p90: int | None


def spread(parts: Sequence[Sequence[int]]) -> Spread:
    """Of lengths in several parts, each in order. None takes less than no time: clocks are set back, too."""
    count = sum(map(len, parts))
    if not count:
        return Spread(0, None, None)
    return Spread(count, *(max(0, _nearest(parts, -(-count * each // 100))) for each in WANTED))


def _nearest(parts: Sequence[Sequence[int]], rank: int) -> int:
    """The least length that so many do not exceed: found by halving, which takes less than to sort all parts as one."""
    if len(parts) == 1:
        return parts[0][rank - 1]
    lengths = range(min(each[0] for each in parts if each), max(each[-1] for each in parts if each) + 1)
    return lengths[bisect_left(lengths, rank, key=lambda most: sum(bisect_right(each, most) for each in parts))]
