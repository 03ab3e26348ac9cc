"""Schedules with their rotations and overrides, as a Config has them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.config.rows import by_name, fill, match, user_ids
from oncall.config.schema import MemberRule, OverrideForm, RotationForm, ScheduleForm
from oncall.config.values import write_datetime
from oncall.models import Override, PublishedTurn, Rotation, RotationMember, Schedule, Team, User

HOUR = timedelta(hours=1)
MAKE_OTHER_TURNS = ("start", "shift")


def write_schedules(session: Session, forms: Sequence[ScheduleForm], now: datetime) -> None:
    present = by_name(session, Schedule, (form.name for form in forms))
    teams = by_name(session, Team, (form.team for form in forms if form.team))
    handles = user_ids(session, _handles(forms))
    for form in forms:
        row = present.get(form.name) or Schedule(name=form.name, timezone=form.timezone)
        team_id = teams[form.team].id if form.team else None
        columns = {
            "team_id": team_id,
            "timezone": form.timezone,
            "levels": form.levels,
            "horizon_days": form.horizon,
            "rest_hours": form.rest // HOUR,
        }
        fill(session, row, columns)
        session.flush()
        assert row.id is not None
        _rotations(session, row.id, form.rotations, handles)
        _overrides(session, row.id, form.overrides, handles, now)


def _handles(forms: Sequence[ScheduleForm]) -> list[str]:
    """Of everybody whom the schedules name."""
    handles = [override.user for form in forms for override in form.overrides]
    for form in forms:
        for rotation in form.rotations:
            handles += rotation.members if isinstance(rotation.members, list) else []
    return handles


def _rotations(session: Session, schedule_id: int, forms: Sequence[RotationForm], handles: dict[str, int]) -> None:
    rows = session.exec(select(Rotation).where(Rotation.schedule_id == schedule_id))
    present = {row.name: row for row in rows}
    wanted = {form.name: _columns(schedule_id, position, form) for position, form in enumerate(forms)}
    for name in present.keys() & wanted.keys():
        if any(getattr(present[name], column) != wanted[name][column] for column in MAKE_OTHER_TURNS):
            _forget_published(session, present[name])
    match(session, Rotation, present, wanted)
    written = session.exec(select(Rotation).where(Rotation.schedule_id == schedule_id))
    rotation_id = {row.name: row.id for row in written}
    for form in forms:
        _members(session, rotation_id[form.name], form, handles)


def _forget_published(session: Session, rotation: Rotation) -> None:
    """A turn's number means another time now: what is published follows the edit."""
    for turn in session.exec(select(PublishedTurn).where(PublishedTurn.rotation_id == rotation.id)):
        session.delete(turn)
    session.flush()


def _columns(schedule_id: int, position: int, form: RotationForm) -> dict[str, object]:
    return {
        "schedule_id": schedule_id,
        "name": form.name,
        "position": position,
        "levels": form.levels,
        "member_rule": _rule(form.members),
        "start": write_datetime(form.start),
        "until": write_datetime(form.until) if form.until else None,
        "shift": form.shift,
        "hours": form.hours,
        "first_shift_level": form.first_shift_level,
        "level_offset": form.level_offset,
    }


def _rule(members: list[str] | MemberRule) -> dict[str, list[str]] | None:
    if isinstance(members, list):
        return None
    return {"tagged": members.tagged, "not_in": members.not_in, "team": members.team}


def _members(session: Session, rotation_id: int | None, form: RotationForm, handles: dict[str, int]) -> None:
    listed = form.members if isinstance(form.members, list) else []
    rows = session.exec(select(RotationMember).where(RotationMember.rotation_id == rotation_id))
    wanted = {
        position: {"rotation_id": rotation_id, "position": position, "user_id": handles[handle]}
        for position, handle in enumerate(listed)
    }
    match(session, RotationMember, {row.position: row for row in rows}, wanted)


def _overrides(
    session: Session, schedule_id: int, forms: Sequence[OverrideForm], handles: dict[str, int], now: datetime
) -> None:
    """Keep the rows that are wanted as long as they come in order, since a later one wins; make the rest anew.

    Overrides of people who have retired are history, and not the file's.
    """
    made = select(Override).join(User, col(User.id) == col(Override.user_id))
    made = made.where(Override.schedule_id == schedule_id, col(User.retired_at).is_(None))
    rows = session.exec(made.order_by(col(Override.created_at), col(Override.id))).all()
    wanted = [(form.level, handles[form.user], form.start, form.end) for form in forms]
    kept = 0
    for row in rows:
        if kept < len(wanted) and (row.level, row.user_id, row.starts_at, row.ends_at) == wanted[kept]:
            kept += 1
        else:
            session.delete(row)
    for level, user_id, start, end in wanted[kept:]:
        session.add(
            Override(
                schedule_id=schedule_id, level=level, user_id=user_id, starts_at=start, ends_at=end, created_at=now
            )
        )
    session.flush()
