"""Publishing shifts to calendars: kept with a UID that outlives edits, so that subscribers see changes, not doubles."""

import uuid
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.coverage import handles_to_ids, planned_shifts
from oncall.installation import installation
from oncall.models import PublishedShift, Schedule, User
from schedules.publish import PublishedEntry, reconcile
from schedules.types import Shift

PAST = timedelta(days=30)
AHEAD = timedelta(days=180)


def publish_if_changed(session: Session, now: datetime) -> None:
    """Publish when something has changed who is on call since the last time."""
    row = installation(session)
    if row.revision != row.published_revision:
        publish_all(session, now)


def publish_all(session: Session, now: datetime) -> None:
    """Bring all published shifts up to date, 30 days back and 180 ahead. Doing it twice changes nothing."""
    row = installation(session)
    row.published_revision = row.revision
    session.add(row)
    ids = handles_to_ids(session)
    for schedule in session.exec(select(Schedule)).all():
        _publish(session, schedule, ids, now)


def _publish(session: Session, schedule: Schedule, ids: dict[str, int], now: datetime) -> None:
    start, end = now - PAST, now + AHEAD
    rows = _published(session, schedule, start, end)
    changes = reconcile([entry for _, entry in rows.values()], planned_shifts(session, schedule, start, end))
    for shift in changes.added:
        session.add(_new(schedule, shift, ids, now))
    for entry, shift in changes.changed:
        row = rows[entry.uid][0]
        row.starts_at, row.ends_at, row.user_id, row.source = shift.start, shift.end, ids[shift.person], shift.source
        row.sequence, row.revised_at = row.sequence + 1, now
        session.add(row)
    for entry in changes.removed:
        session.delete(rows[entry.uid][0])


def _published(
    session: Session, schedule: Schedule, start: datetime, end: datetime
) -> dict[str, tuple[PublishedShift, PublishedEntry]]:
    """What calendars show of the window, by UID."""
    statement = (
        select(PublishedShift, User.handle)
        .join(User, col(User.id) == col(PublishedShift.user_id))
        .where(
            PublishedShift.schedule_id == schedule.id,
            col(PublishedShift.ends_at) > start,
            col(PublishedShift.starts_at) < end,
        )
    )
    return {
        row.uid: (row, PublishedEntry(row.uid, row.level, handle, row.starts_at, row.ends_at))
        for row, handle in session.exec(statement)
    }


def _new(schedule: Schedule, shift: Shift, ids: dict[str, int], now: datetime) -> PublishedShift:
    assert schedule.id is not None
    return PublishedShift(
        uid=f"{uuid.uuid4()}@oncall",
        schedule_id=schedule.id,
        level=shift.level,
        user_id=ids[shift.person],
        starts_at=shift.start,
        ends_at=shift.end,
        source=shift.source,
        revised_at=now,
    )
