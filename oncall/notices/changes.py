"""Telling people that shifts they have been told are no longer the same: what each gains and loses, in one notice.

Pure but for `tell_changes`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.models import NoticeKind, User
from oncall.notices.tell import notify
from oncall.rota.when import span
from schedules.spans import Span, clip, holes, merge
from schedules.types import Level, Person

MOST_SAID = 4
"""Changes that one notice spells out: the page has them all."""
USUAL, AGREED = "rotation", "swap"
"""The source of a shift that needs no reason, and of one that people have agreed on."""
IN_WORDS = {"temporary": "temporary schedule"}


class Stint(NamedTuple):
    """A shift of one schedule, before or after a change. People are handles."""

    level: Level
    person: Person
    start: datetime
    end: datetime
    source: str = USUAL


@dataclass(frozen=True, slots=True)
class Change:
    """For [start, end) the level is the person's who had not got it; or, `is_gain` False, theirs no more.

    `others`: who loses the same time, or gains it.
    """

    schedule: str
    level: Level
    person: Person
    start: datetime
    end: datetime
    is_gain: bool
    others: tuple[Person, ...]
    reason: str = ""


def changes(
    schedule: str,
    before: Sequence[Stint],
    after: Sequence[Stint],
    start: datetime,
    end: datetime,
    agreed: Sequence[Stint] = (),
) -> list[Change]:
    """Every difference in [start, end), by start, up to the end of the shift that it is in. Several may share a level.

    `agreed`: what people have only just agreed on, which is the reason for it whatever it is by afterwards.
    """
    last = max(_ends((*before, *after), end).values(), default=end)
    old, new = _held(before, start, last), _held(after, start, last)
    lost, gained = _without(old, new), _without(new, old)
    found: list[Change] = []
    for is_gain, moved, counterpart, stints in ((True, gained, lost, after), (False, lost, gained, before)):
        until = _ends(stints, end)
        for (level, person), parts in moved.items():
            begun = [part for part in parts if part[0] < end]
            for part in clip(begun, start, until.get((level, person), end)):
                others = _others(counterpart, level, part)
                reason = _reason([*agreed, *after], level, [person] if is_gain else others, part)
                found.append(Change(schedule, level, person, *part, is_gain, others, reason))
    return sorted(found, key=lambda change: (change.start, change.level, change.person))


Held = dict[tuple[Level, Person], list[Span]]


def _ends(stints: Iterable[Stint], end: datetime) -> dict[tuple[Level, Person], datetime]:
    """For each who has a shift that begins before `end`, when the last of these is over; not before `end`."""
    found: dict[tuple[Level, Person], datetime] = {}
    for stint in stints:
        if stint.start < end:
            key = stint.level, stint.person
            found[key] = max(stint.end, found.get(key, end))
    return found


def _held(stints: Iterable[Stint], start: datetime, end: datetime) -> Held:
    held: Held = defaultdict(list)
    for stint in stints:
        held[stint.level, stint.person] += clip([(stint.start, stint.end)], start, end)
    return held


def _without(held: Held, others: Held) -> Held:
    """What of it is not in the others."""
    return {
        key: [part for whole in merge(spans) for part in holes(others.get(key, []), *whole)]
        for key, spans in held.items()
    }


def _others(moved: Held, level: Level, part: Span) -> tuple[Person, ...]:
    return tuple(person for (on, person), spans in moved.items() if on == level and clip(spans, *part))


def _reason(after: Iterable[Stint], level: Level, people: Collection[Person], part: Span) -> str:
    theirs = (each for each in after if each.level == level and each.person in people and each.source != USUAL)
    return next((each.source for each in theirs if each.start < part[1] and part[0] < each.end), "")


def sentence(own: Sequence[Change], names: dict[Person, str], zone: ZoneInfo) -> str:
    """All of one person's changes. The later ones of many are counted."""
    said = [_said(change, names, zone) for change in own[:MOST_SAID]]
    more = len(own) - MOST_SAID
    rest = f" And {more} more: see My on-call." if more > 0 else ""
    return f"Your on-call shifts changed: {'; '.join(said)}.{rest}"


def _said(change: Change, names: dict[Person, str], zone: ZoneInfo) -> str:
    what = f"{change.schedule} ({change.level}) {span(change.start, change.end, zone)}"
    whose = " and ".join(f"{names[person]}'s" for person in change.others)
    reason = f", by {IN_WORDS.get(change.reason, change.reason)}" if change.reason else ""
    if change.is_gain:
        return f"{what} is yours now{f' (was {whose})' if whose else ''}{reason}"
    return f"{what} is {whose} now (was yours){reason}" if whose else f"{what} is yours no more{reason}"


def tell_changes(session: Session, found: Iterable[Change], revision: str, now: datetime) -> None:
    """One notice per person. `revision` is that of the installation: what came of it is told once.

    Not what came of a swap: those who agreed to it have been told by it.
    """
    of_person: dict[Person, list[Change]] = defaultdict(list)
    for change in found:
        if change.reason != AGREED:
            of_person[change.person].append(change)
    users = {user.handle: user for user in _involved(session, of_person)}
    names = {handle: user.name for handle, user in users.items()}
    for handle, own in of_person.items():
        user = users[handle]
        assert user.id is not None
        own.sort(key=lambda change: change.start)
        text = sentence(own, names, ZoneInfo(user.timezone))
        notify(session, [user.id], NoticeKind.SHIFTS_CHANGED, text, now, f"changed:{revision}")


def _involved(session: Session, of_person: dict[Person, list[Change]]) -> Iterator[User]:
    handles = {*of_person, *(other for own in of_person.values() for change in own for other in change.others)}
    return iter(session.exec(select(User).where(col(User.handle).in_(handles))))
