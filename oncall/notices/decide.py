"""Pure: which notices about shifts are due, from published shifts, what people want to be told, and the time.

What is said ahead waits for the end of quiet hours, unless the shift begins in them.

Each has a key of what it says of which time, so that it is told once, and a shift that moves is told again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oncall.delivery.quiet import Quiet
from oncall.models.notice import NoticeKind
from oncall.rota.when import moment, span
from schedules.wallclock import to_local, to_utc
from schedules.when import name_of

LATEST = timedelta(hours=1)
"""What says that a shift begins or ends now is dropped when nobody could tell it for so long."""
WEEK = timedelta(days=7)
MONDAY_MORNING = time(9)
WEEKLY_LATEST = timedelta(hours=12)
KNOWN = timedelta(days=170)
"""Shifts are published a little farther: whoever is on call as long may go on, and is told of no end."""
MOST_SAID = 7
"""Shifts that one look ahead spells out: the page has them all."""


class Stint(NamedTuple):
    """A published shift; or several of one person on one level that follow one another without a break."""

    schedule_id: int
    schedule: str
    level: str
    user_id: int
    start: datetime
    end: datetime


class Follow(NamedTuple):
    """A shadow shift. In reverse, whoever follows is paged first."""

    id: int
    schedule: str
    level: str
    user_id: int
    start: datetime
    end: datetime
    is_first: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """What they want to be told. `ahead` of nothing is never."""

    name: str
    zone: ZoneInfo
    ahead: timedelta
    start: bool
    end: bool
    weekly: bool
    quiet: Quiet | None = None

    def is_told_ahead(self, start: datetime, now: datetime) -> bool:
        """Whether it is time to say that something of theirs begins then."""
        return start - self.ahead <= now < start and not self.may_wait(now, start)

    def may_wait(self, now: datetime, until: datetime) -> bool:
        """Whether they have quiet hours that are over before `until`."""
        return self.quiet is not None and now < self.quiet.over_at(now) < until


@dataclass(frozen=True, slots=True)
class Due:
    user_id: int
    kind: NoticeKind
    text: str
    key: str


def due(
    shifts: Iterable[Stint], people: Mapping[int, Person], now: datetime, follows: Iterable[Follow] = ()
) -> list[Due]:
    """Everything to tell now, told already or not."""
    stints = joined(shifts)
    return [*_handoffs(stints, people, now), *_weeks(stints, people, now), *_follows(follows, people, now)]


def joined(shifts: Iterable[Stint]) -> list[Stint]:
    """Without the breaks that are none for the person."""
    found: list[Stint] = []
    for shift in sorted(shifts, key=lambda shift: (shift.schedule_id, shift.level, shift.user_id, shift.start)):
        last = found[-1] if found else None
        if last and last[:4] == shift[:4] and shift.start <= last.end:
            found[-1] = last._replace(end=max(last.end, shift.end))
        else:
            found.append(shift)
    return found


def _handoffs(stints: Sequence[Stint], people: Mapping[int, Person], now: datetime) -> Iterator[Due]:
    neighbours = _Neighbours(stints, people)
    for stint in stints:
        person = people[stint.user_id]
        place = f"{stint.schedule} ({stint.level})"
        before, after = neighbours.before(stint), neighbours.after(stint)
        if person.is_told_ahead(stint.start, now):
            text = f"You are on call for {place} {_when(stint, person.zone, now)}."
            yield _due(stint, NoticeKind.SHIFT_AHEAD, stint.start, f"{text}{before}{after}")
        if person.start and stint.start <= now < min(stint.end, stint.start + LATEST):
            text = f"You are on call for {place} now, {_until(stint, person.zone, now)}."
            yield _due(stint, NoticeKind.SHIFT_START, stint.start, f"{text}{before}{after}")
        if person.end and stint.end <= now < stint.end + LATEST:
            ended = f"{stint.end.astimezone(person.zone):%H:%M} {name_of(stint.end, person.zone)}"
            yield _due(stint, NoticeKind.SHIFT_END, stint.end, f"Your shift for {place} has ended at {ended}.{after}")


def _follows(follows: Iterable[Follow], people: Mapping[int, Person], now: datetime) -> Iterator[Due]:
    """What was made as late as one is told ahead was told, or known, just then."""
    for follow in follows:
        person = people[follow.user_id]
        if follow.made_at < follow.start - person.ahead and person.is_told_ahead(follow.start, now):
            what = "are paged first for" if follow.is_first else "follow along with"
            when = span(follow.start, follow.end, person.zone, now)
            text = f"You {what} {follow.schedule} ({follow.level}), {when}, to learn."
            yield Due(follow.user_id, NoticeKind.SHIFT_AHEAD, text, f"shadow:{follow.id}:ahead")


def _due(stint: Stint, kind: NoticeKind, at: datetime, text: str) -> Due:
    return Due(stint.user_id, kind, text, f"{kind}:{stint.schedule_id}:{stint.level}:{at:%Y-%m-%dT%H:%M:%SZ}")


class _Neighbours:
    """Who hands over to whom."""

    def __init__(self, stints: Iterable[Stint], people: Mapping[int, Person]) -> None:
        self._starting: dict[tuple[int, str, datetime], list[str]] = defaultdict(list)
        self._ending: dict[tuple[int, str, datetime], list[str]] = defaultdict(list)
        for stint in stints:
            name = people[stint.user_id].name
            self._starting[stint.schedule_id, stint.level, stint.start].append(name)
            self._ending[stint.schedule_id, stint.level, stint.end].append(name)

    def before(self, stint: Stint) -> str:
        names = self._ending.get((stint.schedule_id, stint.level, stint.start))
        return f" Before you: {' and '.join(names)}." if names else ""

    def after(self, stint: Stint) -> str:
        names = self._starting.get((stint.schedule_id, stint.level, stint.end))
        return f" After you: {' and '.join(names)}." if names else ""


def _weeks(stints: Iterable[Stint], people: Mapping[int, Person], now: datetime) -> Iterator[Due]:
    of_person: dict[int, list[Stint]] = defaultdict(list)
    for stint in stints:
        of_person[stint.user_id].append(stint)
    for user_id, own in of_person.items():
        person = people[user_id]
        monday = _last_monday(person.zone, now)
        latest = monday + WEEKLY_LATEST
        if not person.weekly or not monday <= now < latest or person.may_wait(now, latest):
            continue
        ahead = [stint for stint in own if stint.end > now and stint.start < monday + WEEK]
        if ahead:
            text = f"Your on-call shifts this week: {_all_said(ahead, person.zone, now)}"
            yield Due(user_id, NoticeKind.WEEKLY, text, f"weekly:{monday:%Y-%m-%d}")


def _all_said(ahead: Iterable[Stint], zone: ZoneInfo, now: datetime) -> str:
    first = sorted(ahead, key=lambda stint: stint.start)
    more = f" And {len(first) - MOST_SAID} more: see My on-call." if len(first) > MOST_SAID else ""
    return f"{'; '.join(_said(stint, zone, now) for stint in first[:MOST_SAID])}.{more}"


def _said(stint: Stint, zone: ZoneInfo, now: datetime) -> str:
    when = _until(stint, zone, now) if stint.start <= now else _when(stint, zone, now).removeprefix("from ")
    return f"{stint.schedule} ({stint.level}) {when}"


def _when(stint: Stint, zone: ZoneInfo, now: datetime) -> str:
    if stint.end > now + KNOWN:
        return f"from {moment(stint.start, zone, now)}, {_until(stint, zone, now)}"
    return f"from {span(stint.start, stint.end, zone, now)}"


def _until(stint: Stint, zone: ZoneInfo, now: datetime) -> str:
    return f"for {KNOWN.days} days at least" if stint.end > now + KNOWN else f"until {moment(stint.end, zone, now)}"


def _last_monday(zone: ZoneInfo, now: datetime) -> datetime:
    """The last time that it was Monday, 09:00."""
    today = to_local(now, zone).date()
    monday = to_utc(datetime.combine(today - timedelta(days=today.weekday()), MONDAY_MORNING), zone)
    return monday if monday <= now else monday - WEEK
