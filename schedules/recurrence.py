"""Windows that come again by a rule of RFC 5545, such as every Sunday from 02:00 to 04:00 on the clocks of a zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from schedules.errors import ScheduleError
from schedules.spans import Span
from schedules.wallclock import to_local, to_utc

WORDS = {
    "daily": "FREQ=DAILY",
    "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
}
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"})
LONGEST_RULE, LONGEST_INTERVAL = 200, 1000
LONGEST_REPEATED = timedelta(days=31)
GREGORIAN_YEARS = 400
"""After so many the calendar is the same again, weekdays and all."""
_ANY_START = datetime(2000, 1, 1)  # noqa: DTZ001 - wall clock


def read_rule(text: str) -> str:
    """`weekly`, or a rule such as `FREQ=MONTHLY;BYDAY=1SU`, as a rule. Raises ScheduleError."""
    rule = WORDS.get(text.strip().lower()) or text.strip().upper().removeprefix("RRULE:")
    if len(rule) > LONGEST_RULE:
        raise ScheduleError(f"A rule has {LONGEST_RULE} characters at most.")
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if unknown := sorted(parts.keys() - PARTS):
        words = ", ".join(WORDS)
        raise ScheduleError(f'"{unknown[0]}" can\'t be in a rule: write {words}, or a rule like FREQ=WEEKLY;BYDAY=SU.')
    if parts.get("FREQ") not in FREQUENCIES:
        raise ScheduleError(f'"{text}" does not say how often: FREQ is one of {", ".join(FREQUENCIES)}.')
    if "COUNT" in parts and "UNTIL" in parts:
        raise ScheduleError("A rule has COUNT or UNTIL, not both.")
    interval = parts.get("INTERVAL", "1")
    if not (interval.isascii() and interval.isdigit() and 1 <= int(interval[:9]) <= LONGEST_INTERVAL):
        raise ScheduleError(f"INTERVAL is a number from 1 to {LONGEST_INTERVAL}.")
    _parse(rule, _ANY_START, ZoneInfo("UTC"))
    return rule


@dataclass(frozen=True)
class Recurrence:
    """`start` and `end`, wall clock in `zone`, are those of a first window; the rule says on which days it comes.

    Both edges are wall-clock times, so that a window may last an hour more or less when clocks change.
    """

    rule: str
    start: datetime
    end: datetime
    zone: ZoneInfo

    def spans(self, after: datetime | None = None) -> Iterator[Span]:
        """Aware UTC, in order: all, or those that begin later than `after`."""
        rule = _parse(self.rule, self.start, self.zone)
        begin = self.start if after is None else to_local(after, self.zone)
        for local in rule.xafter(begin, inc=True):
            start, end = to_utc(local, self.zone), to_utc(local + (self.end - self.start), self.zone)
            if start < end and (after is None or start > after):  # else clocks jump over it
                yield start, end

    def next(self, now: datetime, after: datetime | None = None) -> Span | None:
        """The first that is not over, of those that begin later than `after`."""
        return next(((start, end) for start, end in self.spans(after) if end > now), None)

    def happens(self) -> bool:
        """Whether the rule's days are ever met. One that asks for 30 February would be searched for all years."""
        rule = ";".join(part for part in self.rule.split(";") if not part.startswith(("COUNT=", "UNTIL=")))
        last_cycle = (9999 - self.start.year) // GREGORIAN_YEARS * GREGORIAN_YEARS
        late = self.start.replace(year=self.start.year + last_cycle)
        return next(iter(_parse(rule, late, self.zone)), None) is not None


def why_never(rule: str, start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Why a window with these wall-clock times can't come again by the rule, in a sentence; empty if it can."""
    if end - start > LONGEST_REPEATED:
        return f"is of a window that lasts longer than {LONGEST_REPEATED.days} days, the most for one that repeats"
    recurrence = Recurrence(rule, start, end, zone)
    if recurrence.happens() and next(recurrence.spans(), None) is not None:
        return ""
    return f'"{rule}" never happens: no calendar has such a day'


def _parse(rule: str, start: datetime, zone: ZoneInfo) -> rrule:
    parts = [_on_the_wall(part, zone) if part.startswith("UNTIL=") else part for part in rule.split(";")]
    try:
        parsed = rrulestr(";".join(parts), dtstart=start)
    except (ValueError, OverflowError, KeyError) as error:
        raise ScheduleError(f'"{rule}" is no rule that can be read ({error}).') from None
    assert isinstance(parsed, rrule)
    return parsed


def _on_the_wall(until: str, zone: ZoneInfo) -> str:
    """`UNTIL=…Z` as calendars write it, in the zone's own time."""
    if not until.endswith("Z"):
        return until
    try:
        at = datetime.strptime(until, "UNTIL=%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ScheduleError(f'"{until}" is not a time: write UNTIL=20261231T235959.') from None
    return f"UNTIL={to_local(at, zone):%Y%m%dT%H%M%S}"
