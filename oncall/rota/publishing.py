"""Publishing shifts, and telling calendars: each keeps a UID that outlives edits, so that subscribers see changes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.db.bulk import insert_many
from oncall.db.database import Database, may_take_long
from oncall.installation import installation, marked
from oncall.models import Installation, Override, OverrideSource, PublishedShift, Schedule, User
from oncall.notices.changes import Change, Stint, changes, tell_changes
from oncall.rota.coverage import handles_to_ids, planned_shifts
from oncall.rota.horizon import publish_turns, touched
from schedules.publish import Changes, PublishedEntry, reconcile
from schedules.types import Shift, Source

PAST = timedelta(days=30)
AHEAD = timedelta(days=180)
EDGE = timedelta(days=7)
"""Shifts come into the window at its end, and are no change; no engine should be off for longer."""

_shifts: sa.Table = PublishedShift.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Diff:
    """What publishing one schedule changes. Worked out without holding anything that paging needs."""

    schedule_id: int
    changes: Changes
    news: list[Change]
    """What of it people are told."""


def publish(database: Database, now: datetime, *, only_if_changed: bool) -> None:
    """Publish turns up to the horizons, then bring calendars up to date, 30 days back and 180 ahead.

    Doing it twice changes nothing.

    `only_if_changed`: only schedules for which something has changed who is on call since the last time.
    """
    with database.read() as session:
        row = installation(session)
        if only_if_changed and row.revision == row.published_revision:
            return
    publish_turns(database, now, only_if_changed=only_if_changed)
    with database.read() as session:
        row = installation(session)
        revision, published = row.revision, row.published_revision
        looked_at = touched(session) if only_if_changed else session.exec(select(Schedule)).all()
        every = [_diff(session, schedule, now) for schedule in looked_at]
        diffs = [diff for diff in every if diff.changes.any()]
        ids = handles_to_ids(session)
    with database.transaction() as session:
        may_take_long(session)
        row = session.exec(select(Installation).with_for_update()).one()
        if row.published_revision != published or row.revision != revision:
            return  # another process was first, or it has changed again: at the next tick
        row.published_revision = revision
        _note_published(session, row, [diff.schedule_id for diff in every])
        if diffs:
            row.published_at = now
        session.add(row)
        for diff in diffs:
            _store(session, diff, ids, now)
        tell_changes(session, [change for diff in diffs for change in diff.news], revision, now)


def _note_published(session: Session, row: Installation, schedule_ids: Sequence[int]) -> None:
    """By a statement: as a change of schedules it would be one more revision to publish."""
    table = cast(sa.Table, Schedule.__table__)  # type: ignore[attr-defined]
    session.execute(table.update().where(table.c.id.in_(schedule_ids)).values(published_as=marked(row)))


def _diff(session: Session, schedule: Schedule, now: datetime) -> _Diff:
    assert schedule.id is not None
    start, end = now - PAST, now + AHEAD
    published, wanted = _published(session, schedule, start, end), planned_shifts(session, schedule, start, end)
    found = reconcile(published, wanted)
    return _Diff(schedule.id, found, _news(session, schedule, published, wanted, now) if found.any() else [])


def _news(
    session: Session, schedule: Schedule, published: Sequence[PublishedEntry], wanted: Sequence[Shift], now: datetime
) -> list[Change]:
    """Up to the horizon, beyond which nobody counts on anything. A schedule that is new changes nothing."""
    if not published:
        return []
    before = [Stint(entry.level, entry.person, entry.start, entry.end) for entry in published]
    after = [Stint(shift.level, shift.person, shift.start, shift.end, shift.source) for shift in wanted]
    until = now + min(timedelta(days=schedule.horizon_days), AHEAD - EDGE)
    return changes(schedule.name, before, after, now, until, _just_agreed(session, schedule))


def _just_agreed(session: Session, schedule: Schedule) -> list[Stint]:
    """What swaps have changed since calendars last did. Who gets back their own turn has it by rotation again."""
    statement = (
        select(Override, User.handle)
        .join(User, col(User.id) == col(Override.user_id))
        .where(Override.schedule_id == schedule.id, Override.source == OverrideSource.SWAP)
    )
    since = installation(session).published_at
    rows = session.exec(statement if since is None else statement.where(col(Override.created_at) >= since))
    return [Stint(row.level, handle, row.starts_at, row.ends_at, row.source) for row, handle in rows]


def _store(session: Session, diff: _Diff, ids: dict[str, int], now: datetime) -> None:
    uids = [entry.uid for entry, _ in diff.changes.changed] + [entry.uid for entry in diff.changes.removed]
    rows = {row.uid: row for row in session.exec(select(PublishedShift).where(col(PublishedShift.uid).in_(uids)))}
    insert_many(session, _shifts, [_new(diff.schedule_id, shift, ids, now) for shift in diff.changes.added])
    for entry, shift in diff.changes.changed:
        row = rows[entry.uid]
        row.starts_at, row.ends_at, row.user_id, row.source = shift.start, shift.end, ids[shift.person], shift.source
        row.sequence, row.revised_at = row.sequence + 1, now
        session.add(row)
    for entry in diff.changes.removed:
        session.delete(rows[entry.uid])


def _published(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[PublishedEntry]:
    """What calendars show of the window."""
    statement = (
        select(PublishedShift, User.handle)
        .join(User, col(User.id) == col(PublishedShift.user_id))
        .where(
            PublishedShift.schedule_id == schedule.id,
            col(PublishedShift.ends_at) > start,
            col(PublishedShift.starts_at) < end,
        )
    )
    return [
        PublishedEntry(row.uid, row.level, handle, row.starts_at, row.ends_at, cast(Source, row.source))
        for row, handle in session.exec(statement)
    ]


def _new(schedule_id: int, shift: Shift, ids: dict[str, int], now: datetime) -> dict[str, Any]:
    """Columns of `published_shifts`."""
    return {
        "uid": f"{uuid.uuid4()}@oncall",
        "schedule_id": schedule_id,
        "level": shift.level,
        "user_id": ids[shift.person],
        "starts_at": shift.start,
        "ends_at": shift.end,
        "source": shift.source,
        "sequence": 0,
        "revised_at": now,
    }
