"""Reading hours as people write them.

Rules are joined by "," or ";". Days and times may each be left out: "Sat,Sun" is both days whole, "22:00-06:00" is
every night. After a comma, days without times share the times that follow ("Mon,Wed 09:00-17:00"), and times without
days share the days before ("Mon-Fri 09:00-12:00, 13:00-17:00").
"""

import re
from collections.abc import Iterable

from schedules.errors import ScheduleError
from schedules.hours import DAY_MINUTES, Hours, Window

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVERY_DAY = tuple(range(7))
_WHOLE_DAY = (0, DAY_MINUTES)
_RULE = re.compile(
    r"(?P<days>(?P<first>[a-z]+)(\s*-\s*(?P<last>[a-z]+))?)?\s*"
    r"(?P<times>(?P<opens>\d{1,2}:\d\d)\s*-\s*(?P<closes>\d{1,2}:\d\d))?",
    re.ASCII | re.IGNORECASE,
)


def parse_hours(text: str) -> Hours:
    """Read "Mon-Fri 09:00-17:00; Sat 10:00-12:00". Raises ScheduleError."""
    windows: set[Window] = set()
    for group in text.split(";"):
        windows |= _group(group, text)
    return Hours(tuple(sorted(windows)))


def parse_weekdays(names: Iterable[str]) -> frozenset[int]:
    """Read "Sat" and "sunday" as 5 and 6. Raises ScheduleError."""
    return frozenset(map(_day, names))


def _group(group: str, text: str) -> set[Window]:
    """One group of comma-joined rules."""
    windows: set[Window] = set()
    waiting: tuple[int, ...] = ()  # days whose times are still to come
    days: tuple[int, ...] = _EVERY_DAY
    for rule in group.split(","):
        found = _RULE.fullmatch(rule.strip())
        if found is None or not (found["days"] or found["times"]):
            where = "" if rule.strip() == text.strip() else f' in the hours "{text}"'
            raise ScheduleError(f'Can\'t read "{rule.strip()}"{where}: write "Mon-Fri 09:00-17:00" or "22:00-07:00".')
        if found["days"]:
            days = waiting = waiting + _days(found["first"], found["last"] or found["first"])
        if found["times"]:
            windows |= {Window(day, *_times(found["opens"], found["closes"])) for day in days}
            waiting = ()
    return windows | {Window(day, *_WHOLE_DAY) for day in waiting}


def _days(first: str, last: str) -> tuple[int, ...]:
    """The days from first to last, round the end of the week if need be: Fri-Mon."""
    begin, finish = _day(first), _day(last)
    return tuple((begin + i) % 7 for i in range((finish - begin) % 7 + 1))


def _day(word: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if len(word) >= 3 and name.lower().startswith(word.lower()):
            return number
    raise ScheduleError(f'"{word}" is not a day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun.')


def _times(opens: str, closes: str) -> tuple[int, int]:
    """Minutes after midnight; a closing time at or before the opening one is on the next day."""
    begin, finish = _minutes(opens), _minutes(closes)
    if begin in (finish, DAY_MINUTES):
        raise ScheduleError(f'"{opens}-{closes}" is no time at all: write 00:00-24:00 for the whole day.')
    return begin, finish if finish > begin else finish + DAY_MINUTES


def _minutes(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > DAY_MINUTES:
        raise ScheduleError(f'"{text}" is not a time of day: write 00:00 to 24:00.')
    return hour * 60 + minute
