"""The people, and short ways to say when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.durations import parse_duration
from schedules.hours_text import parse_hours
from schedules.types import EVERYBODY, Member, Override, Rotation, Schedule, Shift

ALICE, BOB, CAROL, DAVE, ERIN, FRANK = "alice", "bob", "carol", "dave", "erin", "frank"
UTC_ZONE = ZoneInfo("UTC")
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
    *members: str | Member,
    name: str = "developers",
    levels: str = "L1",
    start: str = "2026-01-05 10:00",
    shift: str = "3 days",
    zone: ZoneInfo = UTC_ZONE,
    until: str | None = None,
    hours: str | None = None,
    skip: tuple[int, ...] = (),
    first_shift_level: str | None = None,
    level_offset: int | None = None,
) -> Rotation:
    """`members` by name, or as they are."""
    return Rotation(
        name,
        tuple(levels.split()),
        tuple(Member((member,)) if isinstance(member, str) else member for member in members),
        wall(start),
        tuple(parse_duration(part) for part in shift.split(",")),
        zone,
        wall(until) if until else None,
        parse_hours(hours) if hours else None,
        frozenset(skip),
        first_shift_level,
        level_offset,
    )


def override(person: str | None, start: str, end: str, level: str = "L1", off: str | None = EVERYBODY) -> Override:
    return Override(level, person, utc(start), utc(end), off)


def schedule(
    *rotations: Rotation,
    overrides: tuple[Override, ...] = (),
    zone: ZoneInfo | str = UTC_ZONE,
    levels: str = "L1 L2",
    experienced: tuple[str, ...] = (),
    covers: str | None = None,
) -> Schedule:
    """Rotations that name no zone are in the schedule's."""
    zone = ZoneInfo(zone) if isinstance(zone, str) else zone
    own = tuple(replace(one, zone=zone) if one.zone is UTC_ZONE else one for one in rotations)
    meant = parse_hours(covers) if covers else None
    return Schedule("dev", zone, tuple(levels.split()), own, overrides, frozenset(experienced), meant)


def told(shifts: list[Shift], level: str = "L1") -> list[str]:
    """Shifts of one level as lines: who, from when until when, UTC."""
    return [f"{shift.person} {shift.start:%d %H:%M} - {shift.end:%d %H:%M}" for shift in shifts if shift.level == level]


def hour(count: float) -> timedelta:
    return timedelta(hours=count)
