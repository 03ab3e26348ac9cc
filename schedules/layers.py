"""What decides who is on a level at each moment: rotations, the last that applies, and overrides on top of them.

A rotation is known by its rank, −n … −1, so that `schedule.rotations[rank]` is the one; the highest wins. It applies
within its start, until and hours, for turns that somebody has; elsewhere the one below shows through.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from heapq import heappop, heappush
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from schedules.hours import DAY_MINUTES, Hours, Window
from schedules.order import seats
from schedules.rotation import handoff, turn_at
from schedules.spans import Span, hole_at, intersect
from schedules.types import EVERYBODY, Level, Rotation, Schedule, Seat
from schedules.wallclock import to_utc

_FIRST = datetime.min.replace(tzinfo=UTC)

Claim = tuple[datetime, datetime, int]  # [start, end), aware UTC, and the rank of the rotation that applies


class Edit(NamedTuple):
    """For [start, end), aware UTC, the overrides that change a level: places in the schedule's, in the order made.

    Those before one that takes everybody off no longer matter, and are left out.
    """

    start: datetime
    end: datetime
    overrides: tuple[int, ...]


def decided(schedule: Schedule, level: Level, start: datetime, end: datetime) -> list[Claim]:
    """Which rotation applies when in [start, end): sorted, no overlap, as long as can be, clipped."""
    if start >= end:
        return []
    ranked = ranks(schedule, level)
    return _paint([(a, b, rank) for rank in ranked for a, b in applies(schedule.rotations[rank], level, start, end)])


def ranks(schedule: Schedule, level: Level) -> list[int]:
    """The rotations that have the level, lowest first."""
    count = len(schedule.rotations)
    return [i - count for i, rotation in enumerate(schedule.rotations) if level in rotation.levels]


def applies(rotation: Rotation, level: Level, start: datetime, end: datetime) -> list[Span]:
    """Where in [start, end) the rotation has somebody on the level: sorted, apart from each other, clipped."""
    if not rotation.members and not rotation.published:
        return []
    spans = worked(rotation, start, end)
    return intersect(spans, _taken(rotation, level, start, end)) if spans and _has_empty_turns(rotation) else spans


def worked(rotation: Rotation, start: datetime, end: datetime) -> list[Span]:
    """Where in [start, end) whoever has a turn of the rotation is on call, sorted, apart from each other, clipped."""
    start = max(start, handoff(rotation, 0))
    if rotation.until is not None:
        end = min(end, to_utc(rotation.until, rotation.zone))
    if start >= end:
        return []
    spans = rotation.hours.spans(rotation.zone, start, end) if rotation.hours else [(start, end)]
    if rotation.skip:
        spans = intersect(spans, _worked(rotation.skip, rotation.start).spans(rotation.zone, start, end))
    if rotation.in_force is not None:
        spans = intersect(spans, rotation.in_force)
    return spans


def rank_at(schedule: Schedule, level: Level, at: datetime) -> int | None:
    """Which rotation applies at the aware instant `at`; None if none does."""
    for rank in reversed(ranks(schedule, level)):
        if applies(schedule.rotations[rank], level, at, at + datetime.resolution):
            return rank
    return None


def stretch(schedule: Schedule, level: Level, at: datetime, rank: int, start: datetime, end: datetime) -> Span:
    """How far around `at`, within [start, end), the rotation that applies at `at` goes on without a break."""
    for above in ranks(schedule, level):
        if above > rank:
            start, end = hole_at(applies(schedule.rotations[above], level, start, end), at, start, end)
    own = applies(schedule.rotations[rank], level, start, end)
    return next((a, b) for a, b in own if a <= at < b)


def edits(schedule: Schedule, level: Level, start: datetime, end: datetime) -> list[Edit]:
    """Those that meet [start, end), with their own times: sorted, no overlap."""
    made = _edits(schedule, level)
    return made[bisect_right(made, start, key=itemgetter(1)) : bisect_left(made, end, key=itemgetter(0))]


def seat_of(rotation: Rotation, level: Level, turn: int) -> Seat:
    """Whose turn it is on the level, as published or as the order has it; who may be moved by the first-timer rule."""
    on = rotation.published.get(turn) or seats(rotation, turn)
    return on[rotation.levels.index(level)] if on else ()


@lru_cache(maxsize=256)
def _worked(skip: frozenset[int], first: datetime) -> Hours:
    """Days that begin at the time of the first handoff, but for those that begin on a weekday of `skip`."""
    opens = first.hour * 60 + first.minute
    return Hours(tuple(Window(day, opens, opens + DAY_MINUTES) for day in range(7) if day not in skip))


@lru_cache(maxsize=4096)
def _has_empty_turns(rotation: Rotation) -> bool:
    """Whether there may be any."""
    told = (seat for turn in rotation.published.values() for seat in turn)
    return any(not member.people or member.joins or member.leaves for member in rotation.members) or not all(told)


def _taken(rotation: Rotation, level: Level, start: datetime, end: datetime) -> Iterator[Span]:
    """The turns in [start, end) that somebody has on the level."""
    turn = turn_at(rotation, start) or 0
    while (begins := handoff(rotation, turn)) < end:
        if seat_of(rotation, level, turn):
            yield begins, handoff(rotation, turn + 1)
        turn += 1


def _paint(claims: list[Claim]) -> list[Claim]:
    """Cut claims that overlap, so that at each moment only the highest rank is left."""
    claims.sort()
    if all(before[1] <= after[0] for before, after in pairwise(claims)):
        return _joined(claims)  # nothing overlaps
    return _joined(
        claim for cluster in _clusters(claims) for claim in (cluster if len(cluster) == 1 else _highest(cluster))
    )


def _clusters(claims: list[Claim]) -> Iterator[list[Claim]]:
    """Those that overlap each other, directly or by others between them, together. Most are alone."""
    cluster: list[Claim] = []
    until = _FIRST
    for claim in claims:
        if cluster and claim[0] >= until:
            yield cluster
            cluster = []
        cluster.append(claim)
        until = claim[1] if len(cluster) == 1 else max(until, claim[1])
    if cluster:
        yield cluster


def _highest(claims: list[Claim]) -> Iterator[Claim]:
    waiting = claims[::-1]
    open_now: list[tuple[int, datetime]] = []  # a heap of (−rank, end): the highest rank on top
    for start, end in pairwise(sorted({edge for a, b, _ in claims for edge in (a, b)})):
        while waiting and waiting[-1][0] == start:
            _, closes, rank = waiting.pop()
            heappush(open_now, (-rank, closes))
        while open_now and open_now[0][1] <= start:
            heappop(open_now)
        if open_now:
            yield start, end, -open_now[0][0]


def _joined(claims: Iterable[Claim]) -> list[Claim]:
    """Those of one rotation that go on without a break as one."""
    joined: list[Claim] = []
    rank = until = None
    for claim in claims:
        if claim[0] == until and claim[2] == rank:
            joined[-1] = (joined[-1][0], claim[1], claim[2])
        else:
            joined.append(claim)
        _, until, rank = claim
    return joined


@lru_cache(maxsize=1024)
def _edits(schedule: Schedule, level: Level) -> list[Edit]:
    """All that overrides change on the level, whenever it is."""
    claims = [(made.start, made.end, place) for place, made in enumerate(schedule.overrides) if made.level == level]
    found: list[Edit] = []
    for cluster in _clusters(sorted(claims)):
        for start, end in pairwise(sorted({edge for a, b, _ in cluster for edge in (a, b)})):
            made = _still_matter(schedule, sorted(place for a, b, place in cluster if a <= start < b))
            if found and found[-1].end == start and found[-1].overrides == made:
                found[-1] = Edit(found[-1].start, end, made)
            elif made:
                found.append(Edit(start, end, made))
    return found


def _still_matter(schedule: Schedule, places: list[int]) -> tuple[int, ...]:
    clears = (i for i in range(len(places) - 1, -1, -1) if schedule.overrides[places[i]].off == EVERYBODY)
    return tuple(places[next(clears, 0) :])
