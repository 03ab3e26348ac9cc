"""Which source decides who is on a level at each moment: the rotations in order, then the overrides in order.

A source is known by its rank; the highest wins. Overrides rank 0, 1, … in the order made; rotations rank −n … −1, so
that `schedule.rotations[rank]` is the one. A rotation applies within its start, until and hours while it has members;
elsewhere the one below shows through.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from heapq import heappop, heappush
from itertools import pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

from schedules.rotation import handoff
from schedules.spans import Span, hole_at
from schedules.types import Level, Rotation, Schedule
from schedules.wallclock import to_utc

_FIRST = datetime.min.replace(tzinfo=UTC)

Claim = tuple[datetime, datetime, int]  # [start, end), aware UTC, and the rank of the source that wants it


def applies(rotation: Rotation, zone: ZoneInfo, start: datetime, end: datetime) -> list[Span]:
    """Where in [start, end) the rotation has somebody on its levels: sorted, apart from each other, clipped."""
    if not rotation.members:
        return []
    start = max(start, handoff(rotation, zone, 0))
    if rotation.until is not None:
        end = min(end, to_utc(rotation.until, zone))
    if start >= end:
        return []
    return rotation.hours.spans(zone, start, end) if rotation.hours else [(start, end)]


def ranks(schedule: Schedule, level: Level) -> list[int]:
    """The rotations that have the level, lowest first."""
    count = len(schedule.rotations)
    return [i - count for i, rotation in enumerate(schedule.rotations) if level in rotation.levels]


def decided(schedule: Schedule, level: Level, start: datetime, end: datetime) -> list[Claim]:
    """Who decides when in [start, end): sorted, no overlap, as long as can be, clipped. Nobody is on in the holes."""
    if start >= end:
        return []
    made = overrides(schedule, level)
    near = made[bisect_right(made, start, key=itemgetter(1)) : bisect_left(made, end, key=itemgetter(0))]
    claims = [(max(a, start), min(b, end), rank) for a, b, rank in near]
    for rank in ranks(schedule, level):
        claims += [(a, b, rank) for a, b in applies(schedule.rotations[rank], schedule.zone, start, end)]
    return _paint(claims)


def rank_at(schedule: Schedule, level: Level, at: datetime) -> int | None:
    """Who decides at the aware instant `at`; None if nobody is on."""
    made = overrides(schedule, level)
    last = bisect_right(made, at, key=itemgetter(0)) - 1
    if last >= 0 and at < made[last][1]:
        return made[last][2]
    for rank in reversed(ranks(schedule, level)):
        if applies(schedule.rotations[rank], schedule.zone, at, at + datetime.resolution):
            return rank
    return None


def stretch(schedule: Schedule, level: Level, at: datetime, rank: int, start: datetime, end: datetime) -> Span:
    """How far around `at`, within [start, end), the rotation that decides at `at` goes on without a break."""
    made = overrides(schedule, level)
    following = bisect_right(made, at, key=itemgetter(0))
    start, end = hole_at((claim[:2] for claim in made[max(0, following - 1) : following + 1]), at, start, end)
    for above in ranks(schedule, level):
        if above > rank:
            start, end = hole_at(applies(schedule.rotations[above], schedule.zone, start, end), at, start, end)
    own = applies(schedule.rotations[rank], schedule.zone, start, end)
    return next((a, b) for a, b in own if a <= at < b)


@lru_cache(maxsize=1024)
def overrides(schedule: Schedule, level: Level) -> list[Claim]:
    """What is left of each override under the later ones, whenever it is: sorted, no overlap."""
    made = enumerate(schedule.overrides)
    return _paint([(override.start, override.end, rank) for rank, override in made if override.level == level])


def _paint(claims: list[Claim]) -> list[Claim]:
    """Cut claims that overlap, so that at each moment only the highest rank is left."""
    painted: list[Claim] = []
    for cluster in _clusters(sorted(claims)):
        for claim in cluster if len(cluster) == 1 else _cut(cluster):
            _extend(painted, claim)
    return painted


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


def _cut(claims: list[Claim]) -> Iterator[Claim]:
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


def _extend(painted: list[Claim], claim: Claim) -> None:
    """Add the claim, as a part of the last one where it goes on without a break."""
    start, end, rank = claim
    if painted and painted[-1][1] == start and painted[-1][2] == rank:
        painted[-1] = (painted[-1][0], end, rank)
    else:
        painted.append(claim)
