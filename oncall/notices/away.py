"""Telling whoever is away while on call, and whoever runs the schedule, with who could cover: once each, and
not while they sleep, where it can wait until the morning.

As far as shifts are published: what is beyond may still fall to others by itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.absences.absence_conflicts import AbsenceConflict, Met, find_conflicts, with_covers
from oncall.db.database import Database
from oncall.models import NoticeKind, Schedule, User
from oncall.notices.asleep import Asleep
from oncall.notices.problems import Runners
from oncall.notices.tell import key_for, notify_of_all, told
from oncall.rota.outlook import AHEAD
from oncall.rota.when import span

MOST_NAMED = 3
YOURS, OTHERS = "on My on-call", "on the pages of your schedules"
"""Where the rest of several is."""


@dataclass(frozen=True, slots=True)
class _ToTell:
    user_id: int
    met: Met
    key: str

    @property
    def start(self) -> datetime:
        """Of what they would miss."""
        return self.met[2][0]

    @property
    def is_about_reader(self) -> bool:
        return self.met[1].user_id == self.user_id


def tell_conflicts(database: Database, now: datetime) -> bool:
    """Whether there was anything to tell."""
    with database.read() as session:
        found = list(_found(session, now))
        known = told(session, [key_for(one.key, one.user_id) for one in found])
        asleep = Asleep(session, (one.user_id for one in found), now)
        untold = [
            one
            for one in found
            if key_for(one.key, one.user_id) not in known and not asleep.may_wait(one.user_id, one.start)
        ]
        said = _said(session, untold, now)
    if not said:
        return False
    with database.transaction() as session:
        for (user_id, where), texts in said.items():
            notify_of_all(session, user_id, NoticeKind.PROBLEM, texts, where, now)
    return True


def _found(session: Session, now: datetime) -> Iterator[_ToTell]:
    runners = Runners(session)
    for met in find_conflicts(session, now, now + AHEAD):
        schedule, shift, (_, end) = met
        if shift.start >= now + timedelta(days=schedule.horizon_days):
            continue
        key = f"away:{schedule.id}:{shift.level}:{shift.user_id}:{end:%Y-%m-%dT%H:%MZ}"  # its start becomes now
        for user_id in dict.fromkeys([shift.user_id, *runners.of(schedule)]):
            yield _ToTell(user_id, met, key)


def _said(session: Session, untold: Sequence[_ToTell], now: datetime) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """By reader and where the rest is: texts with their keys."""
    rows = with_covers(session, list({one.key: one.met for one in untold}.values()))
    by_shift = {(row.shift, row.start): row for row in rows}
    people = {user.id: user for user in session.exec(select(User))}
    names = {user.handle: user.name for user in people.values()}
    zones = {row.name: ZoneInfo(row.timezone) for row in session.exec(select(Schedule).order_by(col(Schedule.id)))}
    said: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for one in sorted(untold, key=lambda each: each.met[2]):
        _, shift, (start, _) = one.met
        row = by_shift[shift, start]
        if one.is_about_reader:
            text = yours(row, names, ZoneInfo(people[one.user_id].timezone), now)
            said[one.user_id, YOURS].append((text, one.key))
        else:
            said[one.user_id, OTHERS].append((theirs(row, names, zones[shift.schedule], now), one.key))
    return said


def yours(row: AbsenceConflict, names: dict[str, str], zone: ZoneInfo, now: datetime) -> str:
    """Pure: what the person is told."""
    when = span(row.start, row.end, zone, now)
    ask = f"{_covers(row, names)} Ask for cover on My on-call."
    return f"You are away while on call for {row.shift.schedule} ({row.shift.level}), {when}. {ask}"


def theirs(row: AbsenceConflict, names: dict[str, str], zone: ZoneInfo, now: datetime) -> str:
    """Pure: what managers are told. Why somebody is away is nothing for a text."""
    when = span(row.start, row.end, zone, now)
    shift = row.shift
    return f"Schedule {shift.schedule}: {shift.name} is away while on {shift.level}, {when}. {_covers(row, names)}"


def _covers(row: AbsenceConflict, names: dict[str, str]) -> str:
    if not row.could_cover:
        return "Nobody who may take all of it is free."
    return f"Could cover: {', '.join(names[handle] for handle in row.could_cover[:MOST_NAMED])}."
