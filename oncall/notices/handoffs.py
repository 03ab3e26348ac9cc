"""Telling people of their shifts: before, at the start, at the end, and once a week; of shadow shifts before.

Found anew at every tick from the published shifts and from what has been told, so that no engine that stops can lose
one, and none that starts tells one twice.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.config.values import LONGEST_AHEAD
from oncall.db.database import Database
from oncall.delivery.quiet import quiet_of
from oncall.models import PublishedShift, Schedule, ShadowKind, ShadowShift, User
from oncall.notices.decide import LATEST, Due, Follow, Person, Stint, due
from oncall.notices.tell import key_for, notify, told
from oncall.rota import publishing

AHEAD = LONGEST_AHEAD + timedelta(days=1)
BEHIND = 2 * LATEST
"""Shifts that ended before this are nobody's news, and whoever goes on from one is not told of a start."""


def tell_handoffs(database: Database, now: datetime) -> bool:
    """Whether there was anything to tell."""
    with database.read() as session:
        # the far look, which finds when a long stint ends, only where there is something to tell
        untold = _due(session, now, AHEAD) and _due(session, now, publishing.AHEAD)
    if not untold:
        return False
    with database.transaction() as session:
        for one in untold:
            notify(session, [one.user_id], one.kind, one.text, now, one.key)
    return True


def _due(session: Session, now: datetime, ahead: timedelta) -> list[Due]:
    """What is to be told and is not yet, by the shifts that begin within `ahead`."""
    found = due(_stints(session, now, ahead), _people(session), now, _follows(session, now, ahead))
    known = told(session, [key_for(one.key, one.user_id) for one in found])
    return [one for one in found if key_for(one.key, one.user_id) not in known]


def _stints(session: Session, now: datetime, ahead: timedelta) -> list[Stint]:
    rows = session.exec(
        select(PublishedShift, Schedule.name)
        .join(Schedule, col(Schedule.id) == col(PublishedShift.schedule_id))
        .where(col(PublishedShift.ends_at) > now - BEHIND, col(PublishedShift.starts_at) < now + ahead)
    )
    return [
        Stint(row.schedule_id, schedule, row.level, row.user_id, row.starts_at, row.ends_at) for row, schedule in rows
    ]


def _follows(session: Session, now: datetime, ahead: timedelta) -> list[Follow]:
    rows = session.exec(
        select(ShadowShift, Schedule.name)
        .join(Schedule, col(Schedule.id) == col(ShadowShift.schedule_id))
        .where(col(ShadowShift.starts_at) > now, col(ShadowShift.starts_at) < now + ahead)
    )
    return [
        Follow(
            row.id or 0,
            schedule,
            row.level,
            row.user_id,
            row.starts_at,
            row.ends_at,
            row.kind is ShadowKind.REVERSE,
            row.created_at,
        )
        for row, schedule in rows
    ]


def _people(session: Session) -> dict[int, Person]:
    """With those who have retired, who want nothing: somebody may come after them."""
    return {user.id or 0: _person(user) for user in session.exec(select(User))}


def _person(user: User) -> Person:
    here = user.retired_at is None
    return Person(
        name=user.name,
        zone=ZoneInfo(user.timezone),
        ahead=timedelta(hours=user.notice_ahead_hours if here else 0),
        start=here and user.notice_start,
        end=here and user.notice_end,
        weekly=here and user.notice_weekly,
        quiet=quiet_of(user),
    )
