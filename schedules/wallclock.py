"""Between what a clock on the wall shows and UTC."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)
_STEP = timedelta(days=1)
"""Clocks are not set twice within it."""


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks in `zone` show the naive `local`.

    A local time that occurs twice means the first; one that does not exist is read with the offset before the gap
    (RFC 5545, section 3.3.5).
    """
    return _EPOCH + (local - _LOCAL_EPOCH - _offset(local, zone, fold=0))  # `replace(tzinfo=UTC)` is twice as slow


def to_local(at: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in `zone` show at the aware instant `at`, as a naive time."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in `zone` jump over the naive `local`, so that they never show it."""
    return _offset(local, zone, fold=0) < _offset(local, zone, fold=1)


def repeated(local: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in `zone` show the naive `local` twice."""
    return _offset(local, zone, fold=0) > _offset(local, zone, fold=1)


def _offset(local: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    """The offset before (fold 0) or after (fold 1) the change, if `local` is in one (PEP 495)."""
    offset = zone.utcoffset(local if local.fold == fold else local.replace(fold=fold))
    assert offset is not None  # every zone of the tz database has one
    return offset


def offsets(zone: ZoneInfo, start: datetime, end: datetime) -> tuple[list[datetime], list[timedelta]]:
    """The offsets of `zone` in [start, end), in order, and the instants between them at which clocks are set."""
    edges, found = [], [start.astimezone(zone).utcoffset() or timedelta()]
    at = start
    while at < end:
        later = min(at + _STEP, end)
        offset = later.astimezone(zone).utcoffset() or timedelta()
        if offset != found[-1]:
            edges.append(_first_with(offset, zone, at, later))
            found.append(offset)
        at = later
    return edges, found


def _first_with(offset: timedelta, zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The instant at which the offset becomes this one, after `before` and not after `after`: a whole second."""
    low, high = math.floor((before - _EPOCH).total_seconds()), math.ceil((after - _EPOCH).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        is_new = (_EPOCH + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset
        low, high = (low, middle) if is_new else (middle, high)
    return _EPOCH + timedelta(seconds=high)
