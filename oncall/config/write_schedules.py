"""Schedules with their rotations and overrides, as a Config has them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.config.rows import by_name, fill, match, user_ids
from oncall.config.schema import MemberForm, MemberRule, OverrideForm, RotationForm, ScheduleForm
from oncall.config.values import as_written, write_datetime
from oncall.models import (
    Override,
    OverrideSource,
    PublishedTurn,
    Rotation,
    RotationMember,
    RuledMember,
    Schedule,
    Team,
    User,
)
from oncall.models.schedule import CURRENT
from oncall.rota.plans import rotations
from schedules.wallclock import to_utc

HOUR = timedelta(hours=1)
MAKE_OTHER_TURNS = ("start", "shift", "skip")
CORRECTION = timedelta(hours=1)
"""What is edited so soon after it was made is corrected, as if it had never been; later the past stays as it was."""


def write_schedules(session: Session, forms: Sequence[ScheduleForm], now: datetime) -> None:
    present = by_name(session, Schedule, (form.name for form in forms))
    teams = by_name(session, Team, (form.team for form in forms if form.team))
    handles = user_ids(session, _handles(forms))
    for form in forms:
        row = present.get(form.name) or Schedule(name=form.name, timezone=form.timezone, created_at=now)
        place = _Place(row.timezone, list(row.levels))
        team_id = teams[form.team].id if form.team else None
        columns = {
            "team_id": team_id,
            "timezone": form.timezone,
            "levels": form.levels,
            "covers": form.covers,
            "horizon_days": form.horizon,
            "rest_hours": form.rest // HOUR,
            "slack_usergroups": form.slack_usergroups,
        }
        fill(session, row, columns)
        session.flush()
        assert row.id is not None
        _rotations(session, row, place, form.rotations, handles, now)
        _overrides(session, row.id, form.overrides, handles, now)


def _handles(forms: Sequence[ScheduleForm]) -> list[str]:
    """Of everybody whom the schedules name."""
    named = [who for form in forms for override in form.overrides for who in (override.user, override.replaces)]
    handles = [who for who in named if who is not None]
    for form in forms:
        for rotation in form.rotations:
            handles += [who for member in _listed(rotation) for who in member.user]
    return handles


def _listed(rotation: RotationForm) -> list[MemberForm]:
    return rotation.members if isinstance(rotation.members, list) else []


class _Place(NamedTuple):
    """What a schedule gives to rotations that say nothing of it."""

    timezone: str
    levels: list[str]


def _rotations(
    session: Session,
    schedule: Schedule,
    before: _Place,
    forms: Sequence[RotationForm],
    handles: dict[str, int],
    now: datetime,
) -> None:
    assert schedule.id is not None
    place = _Place(schedule.timezone, schedule.levels)
    current = select(Rotation).where(Rotation.schedule_id == schedule.id, CURRENT)
    present = {row.name: row for row in session.exec(current.order_by(col(Rotation.position)))}
    wanted = {form.name: _columns(schedule.id, form) for form in forms}
    same = {
        name
        for name, row in present.items()
        if name in wanted and _pattern(wanted[name], place, now) == _pattern(row.model_dump(), before, now)
    }
    settled = {name for name, row in present.items() if now - row.made_at > CORRECTION}
    stay = _longest_in_order([name for name in wanted if name in same & settled], list(present))
    ended: dict[str, int | None] = {}
    for name, row in list(present.items()):
        if name in settled and name not in stay:
            ended[name] = row.id
            _end(session, present.pop(name), before, now)
        elif name in wanted and name not in same:
            _forget_published(session, row)
    is_new_schedule = now - schedule.created_at <= CORRECTION
    for name in wanted.keys() - present.keys():
        wanted[name]["made_at"] = schedule.created_at if is_new_schedule else now
    match(session, Rotation, present, wanted)
    rotation_id = {row.name: row.id for row in session.exec(current)}
    for name in ended.keys() & wanted.keys():
        _keep_order(session, ended[name], rotation_id[name])
        if name in same:
            _keep_published(session, ended[name], rotation_id[name])
    _rank(session, schedule, list(wanted), stay)
    for form in forms:
        _members(session, rotation_id[form.name], form, handles)


def _pattern(columns: Mapping[str, Any], place: _Place, now: datetime) -> tuple[object, ...]:
    """All that says when somebody is on, and where. An `until` that is still to come changes nothing of the past."""
    turns = (columns[name] for name in MAKE_OTHER_TURNS)
    zone, until = columns["timezone"] or place.timezone, columns["until"]
    is_over = until is not None and to_utc(datetime.fromisoformat(until), ZoneInfo(zone)) <= now
    return (*turns, columns["hours"], zone, columns["levels"] or place.levels, until if is_over else None)


def _longest_in_order(wanted: Sequence[str], before: Sequence[str]) -> list[str]:
    """As many of those `wanted` as stand one above the other as they did before."""
    longest: dict[str, list[str]] = {}
    for name in wanted:
        below = [names for last, names in longest.items() if before.index(last) < before.index(name)]
        longest[name] = [*max(below, key=len, default=[]), name]
    return max(longest.values(), key=len, default=[])


def _rank(session: Session, schedule: Schedule, names: Sequence[str], stay: Collection[str]) -> None:
    """In the order of `names`; those that `stay` and those that are over keep theirs, by which the past was told."""
    versions = rotations(session, schedule)
    current = {row.name: row for row in versions if row.ended_at is None}
    order = [row for row in versions if row.ended_at is not None or row.name in stay]
    place = 0
    for name in names:
        if name in stay:
            place = order.index(current[name]) + 1
        else:
            order.insert(place, current[name])
            place += 1
    for position, row in enumerate(order):
        row.position = position
        session.add(row)
    session.flush()


def _end(session: Session, rotation: Rotation, before: _Place, now: datetime) -> None:
    """It stays for what has been, with what its schedule was then; nobody counts on its turns to come."""
    rotation.ended_at = now
    rotation.timezone = rotation.timezone or before.timezone
    rotation.levels = rotation.levels or before.levels
    session.add(rotation)
    session.flush()


def _keep_order(session: Session, ended_id: int | None, rotation_id: int | None) -> None:
    """Since when people have been members is the same for a new version: an edit of the times reshuffles nobody."""
    for row in session.exec(select(RuledMember).where(RuledMember.rotation_id == ended_id)):
        session.add(RuledMember(rotation_id=rotation_id or 0, user_id=row.user_id, since=row.since))
    session.flush()


def _keep_published(session: Session, ended_id: int | None, rotation_id: int | None) -> None:
    """One that has only changed its place among the others goes on with the turns that people have been told."""
    for turn in session.exec(select(PublishedTurn).where(PublishedTurn.rotation_id == ended_id)):
        session.add(PublishedTurn(**turn.model_dump() | {"rotation_id": rotation_id}))
    session.flush()


def _forget_published(session: Session, rotation: Rotation) -> None:
    """A turn's number means another time now: what is published follows the edit."""
    for turn in session.exec(select(PublishedTurn).where(PublishedTurn.rotation_id == rotation.id)):
        session.delete(turn)
    session.flush()


def _columns(schedule_id: int, form: RotationForm) -> dict[str, object]:
    return {
        "schedule_id": schedule_id,
        "name": form.name,
        "levels": form.levels,
        "member_rule": _rule(form.members),
        "start": write_datetime(form.start),
        "until": write_datetime(form.until) if form.until else None,
        "shift": form.shift,
        "timezone": form.timezone,
        "hours": form.hours,
        "skip": form.skip,
        "first_shift_level": form.first_shift_level,
        "level_offset": form.level_offset,
    }


def _rule(members: list[MemberForm] | MemberRule) -> dict[str, list[str]] | None:
    if isinstance(members, list):
        return None
    return {"tagged": members.tagged, "not_in": members.not_in, "team": members.team}


def _members(session: Session, rotation_id: int | None, form: RotationForm, handles: dict[str, int]) -> None:
    rows = session.exec(
        select(RotationMember)
        .where(RotationMember.rotation_id == rotation_id)
        .order_by(col(RotationMember.position), col(RotationMember.id))
    )
    wanted = [
        {
            "rotation_id": rotation_id,
            "position": position,
            "user_id": handles[handle] if handle else None,
            "joins": write_datetime(member.joins) if member.joins else None,
            "leaves": write_datetime(member.leaves) if member.leaves else None,
        }
        for position, member in enumerate(_listed(form))
        for handle in member.user or [""]
    ]
    match(session, RotationMember, dict(enumerate(rows)), dict(enumerate(wanted)))


def _overrides(
    session: Session, schedule_id: int, forms: Sequence[OverrideForm], handles: dict[str, int], now: datetime
) -> None:
    """Keep the rows that are wanted as long as they come in order, since a later one wins; make the rest anew.

    Swaps, temporary schedules, and overrides of people who have retired (history) are not the file's.
    """
    retired = select(User.id).where(col(User.retired_at).is_not(None))
    made = select(Override).where(
        Override.schedule_id == schedule_id,
        col(Override.is_history).is_(False),
        Override.source == OverrideSource.OVERRIDE,
        *(
            sa.or_(column.is_(None), column.not_in(retired))
            for column in (col(Override.user_id), col(Override.replaces_id))
        ),
    )
    rows = session.exec(made.order_by(col(Override.created_at), col(Override.id))).all()
    wanted = [_override(form, handles) for form in forms]
    kept = 0
    for row in rows:
        if kept < len(wanted) and _is_as(row, wanted[kept]):
            kept += 1
        elif any(_is_as(row, columns) for columns in wanted[kept:]):
            session.delete(row)  # made anew below, in its place
        else:
            _take_out(session, row, now)
    for columns in wanted[kept:]:
        session.add(Override(schedule_id=schedule_id, created_at=now, **columns))
    session.flush()


def _is_as(row: Override, columns: Mapping[str, Any]) -> bool:
    times = {"starts_at": as_written(row.starts_at), "ends_at": as_written(row.ends_at)}
    return all(times.get(column, getattr(row, column)) == value for column, value in columns.items())


def _take_out(session: Session, row: Override, now: datetime) -> None:
    """What has been in force stays for the time that it was."""
    if row.starts_at >= now or now - row.created_at <= CORRECTION:
        session.delete(row)
        return
    row.is_history, row.ends_at = True, min(row.ends_at, now)
    session.add(row)


def _override(form: OverrideForm, handles: dict[str, int]) -> dict[str, Any]:
    return {
        "level": form.level,
        "kind": form.kind,
        "user_id": handles[form.user] if form.user else None,
        "replaces_id": handles[form.replaces] if form.replaces else None,
        "starts_at": form.start,
        "ends_at": form.end,
    }
