"""The people, and short ways to say when."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.durations import parse_duration
from schedules.hours_text import parse_hours
from schedules.types import Override, Rotation, Schedule, Shift

ALICE, BOB, CAROL, DAVE, ERIN, FRANK = "alice", "bob", "carol", "dave", "erin", "frank"
NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
LONDON = ZoneInfo("Europe/London")
TROLL = ZoneInfo("Antarctica/Troll")  # its clocks jump two hours


def wall(text: str) -> datetime:
    """What a clock on the wall shows, naive."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rotation(
    *members: str,
    name: str = "developers",
    levels: str = "L1",
    start: str = "2026-01-05 10:00",
    shift: str = "3 days",
    until: str | None = None,
    hours: str | None = None,
    first_shift_level: str | None = None,
    level_offset: int | None = None,
) -> Rotation:
    return Rotation(
        name,
        tuple(levels.split()),
        members,
        wall(start),
        tuple(parse_duration(part) for part in shift.split(",")),
        wall(until) if until else None,
        parse_hours(hours) if hours else None,
        first_shift_level,
        level_offset,
    )


def override(person: str, start: str, end: str, level: str = "L1") -> Override:
    return Override(level, person, utc(start), utc(end))


def schedule(
    *rotations: Rotation,
    overrides: tuple[Override, ...] = (),
    zone: ZoneInfo | str = "UTC",
    levels: str = "L1 L2",
    experienced: tuple[str, ...] = (),
) -> Schedule:
    zone = ZoneInfo(zone) if isinstance(zone, str) else zone
    return Schedule("dev", zone, tuple(levels.split()), rotations, overrides, frozenset(experienced))


def told(shifts: list[Shift], level: str = "L1") -> list[str]:
    """Shifts of one level as lines: who, from when until when, UTC."""
    return [f"{shift.person} {shift.start:%d %H:%M} - {shift.end:%d %H:%M}" for shift in shifts if shift.level == level]


def hour(count: float) -> timedelta:
    return timedelta(hours=count)
