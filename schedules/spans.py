"""Intervals of time: half-open, aware UTC, as plain (start, end) pairs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Span = tuple[datetime, datetime]
EVER: Span = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as the fewest spans, sorted; spans that touch become one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def clip(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """The parts of the spans within [start, end)."""
    return [
        (a if a > start else start, b if b < end else end)  # faster than max and min
        for a, b in spans
        if a < end and start < b
    ]


def holes(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """The time within [start, end) that no span covers, sorted."""
    edges = [start, *(edge for span in merge(clip(spans, start, end)) for edge in span), end]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def hole_at(spans: Iterable[Span], at: datetime, start: datetime, end: datetime) -> Span:
    """The part of [start, end) around `at`, which no span covers, up to the nearest spans."""
    for a, b in spans:
        if b <= at:
            start = max(start, b)
        else:
            end = min(end, a)
    return start, end


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time that is in both. Each comes sorted and without overlap, and so does what is given."""
    ours, theirs = iter(spans), iter(others)
    mine, other = next(ours, None), next(theirs, None)
    common: list[Span] = []
    while mine and other:
        start, end = max(mine[0], other[0]), min(mine[1], other[1])
        if start < end:
            common.append((start, end))
        if mine[1] <= other[1]:
            mine = next(ours, None)
        else:
            other = next(theirs, None)
    return common


def length(spans: Iterable[Span]) -> timedelta:
    """All together."""
    return sum((end - start for start, end in spans), timedelta())
