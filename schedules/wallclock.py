"""Between what a clock on the wall shows and UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)


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


def _offset(local: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    """The offset before (fold 0) or after (fold 1) the change, if `local` is in one (PEP 495)."""
    offset = zone.utcoffset(local if local.fold == fold else local.replace(fold=fold))
    assert offset is not None  # every zone of the tz database has one
    return offset
