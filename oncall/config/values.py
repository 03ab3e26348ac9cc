"""The small values of the config file: how each is written, read and shown. Every error is a sentence."""

import difflib
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from notifiers.slack_usergroups import usergroup_id
from oncall.moments import FIRST_YEAR, LAST_YEAR, is_near
from oncall.rota.public_holidays import check_country
from schedules.durations import parse_duration
from schedules.errors import ScheduleError
from schedules.hours_text import WEEKDAYS, parse_hours, parse_weekdays
from schedules.recurrence import read_rule
from schedules.spans import holes

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=366)
LONGEST_REST = timedelta(days=28)
"""Shifts that have ended are looked back at for so long (`oncall.rota.outlook`)."""
LONGEST_AHEAD = timedelta(days=14)
"""So long before a shift people can be told of it (`oncall.notices.handoffs`)."""
LONGEST_HOURS = 200
_MONDAY, _WEEK = datetime(2026, 1, 5, tzinfo=UTC), timedelta(days=7)
WALL_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", re.ASCII)
MOMENT = re.compile(WALL_CLOCK.pattern + r"(Z|[+-]\d\d:?\d\d)?", re.ASCII)
HANDLE = re.compile(r"[\w.-]{1,60}")
RESERVED = frozenset({"me"})
"""`/api/v1/users/me` is whoever asks."""
LONGEST_NAME, LONGEST_SHORT_NAME, LONGEST_PERSON_NAME, LONGEST_EMAIL, LONGEST_KEY = 100, 60, 200, 320, 100
TARGET = re.compile(r"(user|team|schedule):([^/]+)|(schedule|team):([^/]+)/([^/]+)")


def read_span(value: Any) -> Any:
    """`90s`, `5m`, `24h`, `1d` or `1h30m` as a timedelta."""
    if not isinstance(value, str):
        return value
    text = value.replace(" ", "")
    if re.fullmatch(r"-\d.*", text):
        raise ValueError(f'"{value}" must not be negative')
    if not re.fullmatch(r"(\d{1,9}[smhd])+", text, re.ASCII):
        raise ValueError(f'"{value}" is not a length of time: write a number and s, m, h or d, like 90s, 5m or 24h')
    span = timedelta(seconds=sum(int(n) * SECONDS[unit] for n, unit in re.findall(r"(\d+)([smhd])", text)))
    if span > LONGEST:
        raise ValueError(f'"{value}" is too long: 366d is the most')
    return span


def write_span(span: timedelta) -> str:
    """In the largest unit up to hours that says it exactly: 5m, 90s, 24h."""
    seconds = int(span.total_seconds())
    if seconds == 0:
        return "0m"
    unit = next(unit for unit in "hms" if seconds % SECONDS[unit] == 0)
    return f"{seconds // SECONDS[unit]}{unit}"


def check_rest(rest: timedelta) -> timedelta:
    if rest % timedelta(hours=1):
        raise ValueError(f"{write_span(rest)} is not a number of whole hours: write it like 12h")
    if rest > LONGEST_REST:
        raise ValueError(f"{write_span(rest)} is too long: {LONGEST_REST.days}d is the most")
    return rest


def check_ahead(ahead: timedelta) -> timedelta:
    if ahead % timedelta(hours=1):
        raise ValueError(f"{write_span(ahead)} is not a number of whole hours: write it like 24h")
    if ahead > LONGEST_AHEAD:
        raise ValueError(f"{write_span(ahead)} is too long: {LONGEST_AHEAD.days}d is the most")
    return ahead


def read_wall_clock(value: Any) -> Any:
    """`2026-01-05T10:00` as a naive datetime."""
    if not isinstance(value, str):
        return value
    if MOMENT.fullmatch(value) and not WALL_CLOCK.fullmatch(value):
        raise ValueError(f'"{value}" must be the time on the wall in the schedule\'s zone: leave out the offset')
    if not WALL_CLOCK.fullmatch(value):
        raise ValueError(f'"{value}" is not a wall-clock time: write it like 2026-01-05T10:00')
    return _datetime(value)


def read_moment(value: Any) -> Any:
    """`2026-01-05T10:00` as a naive datetime; with `Z` or an offset at the end as an aware one in UTC."""
    if not isinstance(value, str):
        return value
    if not MOMENT.fullmatch(value):
        raise ValueError(f'"{value}" is not a time: write it like 2026-01-05T10:00, or 2026-01-05T10:00-05:00')
    moment = _datetime(value)
    return moment.astimezone(UTC) if moment.tzinfo else moment


def _datetime(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is a time that no calendar has') from None
    if not is_near(moment):
        raise ValueError(f'"{text}" is too far away: write a time between the years {FIRST_YEAR} and {LAST_YEAR}')
    return moment


def as_written(moment: datetime) -> datetime:
    """What a file can say of it: what begins or ends “now” does so within a second."""
    return moment.replace(microsecond=0)


def write_datetime(moment: datetime) -> str:
    """To the minute where that is exact, else to the second."""
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_zone(name: str) -> str:
    """Gives it back; raises ValueError with a sentence, as each check here does."""
    if name in _zones():
        return name
    close = difflib.get_close_matches(name, sorted(_zones()), n=1)
    hint = f"perhaps {close[0]}" if close else "write one like America/New_York"
    raise ValueError(f'"{name}" is not a time zone: {hint}')


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def check_handle(text: str) -> str:
    if not HANDLE.fullmatch(text):
        raise ValueError(f'"{text}" can\'t be a handle: use 1 to 60 letters, digits, ".", "-" and "_", such as alice')
    if text in RESERVED:
        raise ValueError(f'"{text}" can\'t be a handle: it means whoever asks')
    return text


def check_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Of a thing: it is part of addresses, targets and messages."""
    if 0 < len(text) <= longest and text.isprintable() and "/" not in text:
        return text
    raise ValueError(f'"{text}" can\'t be a name: write 1 to {longest} characters, without "/" and line breaks')


def check_short_name(text: str) -> str:
    """Of a level, a tag or a contact method."""
    return check_name(text, longest=LONGEST_SHORT_NAME)


def check_person_name(text: str) -> str:
    if len(text) <= LONGEST_PERSON_NAME and text.splitlines() == [text]:
        return text
    raise ValueError(f'"{text}" can\'t be a name: write 1 to {LONGEST_PERSON_NAME} characters, without line breaks')


def check_email(text: str) -> str:
    if len(text) <= LONGEST_EMAIL and re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        return text
    raise ValueError(f'"{text}" is not an email address')


def _is_target(text: str) -> str:
    if TARGET.fullmatch(text):
        return text
    ways = "user:HANDLE, team:NAME, schedule:NAME or schedule:NAME/LEVEL, or team:NAME/METHOD for an address of a team"
    raise ValueError(f'"{text}" is not a target: write {ways}')


def split_target(target: str) -> tuple[str, str, str | None]:
    """`schedule:dev/L1` as ("schedule", "dev", "L1"); the level, or the team's contact method, is None without one."""
    kind, _, rest = target.partition(":")
    name, slash, part = rest.partition("/")
    return kind, name, part if slash else None


def is_address(target: str) -> bool:
    """Whether it is an address of a team's own, by which nobody is paged."""
    kind, _, part = split_target(target)
    return kind == "team" and part is not None


def _is_hours(text: str) -> str:
    parse_hours(text)
    return text


def check_quiet_hours(text: str) -> str:
    """Every week must leave time in which people are told what waits."""
    if len(text) > LONGEST_HOURS:
        raise ValueError(f"they are too long: {LONGEST_HOURS} characters are the most")
    try:
        hours = parse_hours(text)
    except ScheduleError as error:
        raise ValueError(str(error).rstrip(".")) from None
    week = hours.spans(ZoneInfo("UTC"), _MONDAY, _MONDAY + _WEEK)
    if holes(week, _MONDAY, _MONDAY + _WEEK):
        return text
    raise ValueError(f'"{text}" is the whole week: leave some time, or what waits would never be told')


def check_weekday(text: str) -> str:
    """In short: `Sat`."""
    (day,) = parse_weekdays([text])
    return WEEKDAYS[day][:3]


def _rule(text: str) -> str:
    try:
        return read_rule(text)
    except ScheduleError as error:
        raise ValueError(str(error).rstrip(".")) from None


def check_key(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9._~-]*", text):
        return text
    raise ValueError('a key is part of a URL: use letters, digits, "-", "_", "." and "~"')


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


LONGEST_HORIZON = 366
"""Days."""


def read_days(value: Any) -> Any:
    """`8 weeks` or `10 days` as a number of days."""
    if not isinstance(value, str):
        return value
    try:
        days = parse_duration(value).elapsed / timedelta(days=1)
    except ScheduleError:
        days = 0.0
    if days < 1 or days % 1:
        raise ValueError(f'"{value}" is not a number of days: write days or weeks, like "8 weeks"')
    if days > LONGEST_HORIZON:
        raise ValueError(f'"{value}" is too long: {LONGEST_HORIZON} days are the most')
    return int(days)


def write_days(days: int) -> str:
    count, unit = (days // 7, "week") if days % 7 == 0 else (days, "day")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _option(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


Handle = Annotated[str, Field(min_length=1, max_length=LONGEST_SHORT_NAME), AfterValidator(check_handle)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(check_name)]
ShortName = Annotated[str, Field(min_length=1, max_length=LONGEST_SHORT_NAME), AfterValidator(check_short_name)]
PersonName = Annotated[str, Field(min_length=1, max_length=LONGEST_PERSON_NAME), AfterValidator(check_person_name)]
Email = Annotated[str, Field(max_length=LONGEST_EMAIL), AfterValidator(check_email)]
Zone = Annotated[str, AfterValidator(check_zone)]
Country = Annotated[str, AfterValidator(check_country)]
Target = Annotated[str, Field(max_length=200), AfterValidator(_is_target)]
Hours = Annotated[str, Field(max_length=LONGEST_HOURS), AfterValidator(_is_hours)]
QuietHours = Annotated[str, AfterValidator(check_quiet_hours)]
ShiftLength = Annotated[str, Field(max_length=40), AfterValidator(lambda text: str(parse_duration(text)))]
Weekday = Annotated[str, AfterValidator(check_weekday)]
Repeats = Annotated[str, AfterValidator(_rule)]
Key = Annotated[str, Field(max_length=LONGEST_KEY), AfterValidator(check_key)]
UserGroup = Annotated[str, AfterValidator(usergroup_id)]
Option = Annotated[str, BeforeValidator(_option)]
Days = Annotated[int, BeforeValidator(read_days), PlainSerializer(write_days)]
Span = Annotated[timedelta, BeforeValidator(read_span), PlainSerializer(write_span)]
Rest = Annotated[Span, AfterValidator(check_rest)]
Ahead = Annotated[Span, AfterValidator(check_ahead)]
WallClock = Annotated[datetime, BeforeValidator(read_wall_clock), PlainSerializer(write_datetime)]
Moment = Annotated[datetime, BeforeValidator(read_moment), PlainSerializer(write_datetime)]
OneOrMore = BeforeValidator(_one_as_list)
