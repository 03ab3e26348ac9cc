"""Stored schedules as the pure values that the package `schedules` computes with. People are handles."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.errors import NotFound
from oncall.models import Experience, Override, OverrideKind, PublishedTurn, Rotation, Schedule
from oncall.rota.members import Members
from schedules import published_turns, types
from schedules.durations import parse_duration
from schedules.hours_text import parse_hours, parse_weekdays
from schedules.spans import EVER, Span

Told = Mapping[int | None, list[published_turns.PublishedTurn]]
"""What has been published, by rotation."""
Handles = Mapping[int, str]
"""Everybody's, by user id."""


def find_schedules(session: Session, name: str | None = None) -> list[Schedule]:
    """All by name, or the one of this name. Raises NotFound."""
    every = select(Schedule).order_by(col(Schedule.name))
    found = list(session.exec(every if name is None else every.where(Schedule.name == name)))
    if name is not None and not found:
        known = ", ".join(row.name for row in session.exec(every)) or "none yet"
        raise NotFound(f"There is no schedule {name}. Known are: {known}.", field="schedule")
    return found


def find_schedule(session: Session, name: str) -> Schedule:
    return find_schedules(session, name)[0]


def load_plan(session: Session, schedule: Schedule, members: Members, told: Told, handles: Handles) -> types.Schedule:
    """Bound to the turns that have been told, whoever the members are."""
    (plan,) = load_plans(session, [schedule], members, told, handles)
    return plan


def load_plans(
    session: Session, schedules: Sequence[Schedule], members: Members, told: Told, handles: Handles
) -> Iterator[types.Schedule]:
    """The same of several, in as few questions."""
    ids = [schedule.id for schedule in schedules]
    rows, overrides = _rotations(session, ids), _overrides(session, ids, handles)
    experienced = _experienced(session, ids, handles)
    for schedule in schedules:
        former = _former(schedule, rows[schedule.id])
        yield types.Schedule(
            name=schedule.name,
            zone=ZoneInfo(schedule.timezone),
            levels=tuple(schedule.levels),
            rotations=tuple(
                published_turns.continued(_rotation(row, schedule, members), told.get(row.id, []), schedule.created_at)
                for row in rows[schedule.id]
            ),
            overrides=tuple(_while_there_was(former, overrides[schedule.id])),
            experienced=frozenset(experienced[schedule.id]),
            covers=parse_hours(schedule.covers) if schedule.covers else None,
            former=tuple(former),
        )


def rotations(session: Session, schedule: Schedule) -> list[Rotation]:
    """All versions, in the order in which later ones win: the same as in the plan."""
    return _rotations(session, [schedule.id])[schedule.id]


def _rotations(session: Session, ids: Sequence[int | None]) -> dict[int | None, list[Rotation]]:
    found: dict[int | None, list[Rotation]] = defaultdict(list)
    theirs = select(Rotation).where(col(Rotation.schedule_id).in_(ids))
    for row in session.exec(theirs.order_by(col(Rotation.position), col(Rotation.id))):
        found[row.schedule_id].append(row)
    return found


def told_turns(session: Session, schedules: Iterable[Schedule], handles: Handles) -> Told:
    told: dict[int | None, list[published_turns.PublishedTurn]] = defaultdict(list)
    columns = PublishedTurn.rotation_id, PublishedTurn.number, PublishedTurn.lead, PublishedTurn.seats
    for rotation_id, number, lead, seats in session.exec(
        select(*columns).join(Rotation).where(col(Rotation.schedule_id).in_([schedule.id for schedule in schedules]))
    ):
        on = tuple(_seat(seat, handles) for seat in seats)
        told[rotation_id].append(published_turns.PublishedTurn(number, _seat(lead, handles), on))
    return told


def _seat(user_ids: Iterable[int], handles: Handles) -> types.Seat:
    return tuple(handles[user_id] for user_id in user_ids)


def _rotation(row: Rotation, schedule: Schedule, members: Members) -> types.Rotation:
    own = members.of(row)
    newcomers = members.newcomers(row, own)
    return types.Rotation(
        name=row.name,
        levels=tuple(row.levels or schedule.levels),
        members=own,
        start=datetime.fromisoformat(row.start),
        shift=tuple(parse_duration(length) for length in row.shift),
        zone=ZoneInfo(row.timezone or schedule.timezone),
        until=datetime.fromisoformat(row.until) if row.until else None,
        in_force=_in_force(row, schedule, any(not newcomers.issuperset(member.people) for member in own)),
        newcomers=newcomers,
        hours=parse_hours(row.hours) if row.hours else None,
        skip=parse_weekdays(row.skip),
        first_shift_level=row.first_shift_level,
        level_offset=row.level_offset,
    )


def is_current(rotation: types.Rotation) -> bool:
    """Whether it counts from now on: no version that another has followed."""
    return rotation.in_force is None or rotation.in_force[-1][1] == EVER[1]


def _in_force(row: Rotation, schedule: Schedule, is_as_old: bool) -> tuple[Span, ...] | None:
    """Before there was the schedule, what is current counts, where anybody in it `is_as_old` as the schedule."""
    if row.ended_at is not None:
        return ((row.made_at, row.ended_at),)
    if row.made_at <= schedule.created_at:
        return None
    since = (row.made_at, EVER[1])
    return ((EVER[0], schedule.created_at), since) if is_as_old else (since,)


def _former(schedule: Schedule, versions: Iterable[Rotation]) -> dict[str, datetime]:
    """Levels that it had once, by the versions that are over, and until when."""
    until: dict[str, datetime] = {}
    for row in versions:
        if row.ended_at is not None:
            for level in row.levels:
                if level not in schedule.levels:
                    until[level] = max(row.ended_at, until.get(level, row.ended_at))
    return until


def _while_there_was(former: Mapping[str, datetime], overrides: Iterable[types.Override]) -> Iterator[types.Override]:
    """What is planned for a level that is taken away is not done."""
    for override in overrides:
        end = min(override.end, former.get(override.level, override.end))
        if override.start < end:
            yield replace(override, end=end)


def _overrides(session: Session, ids: Sequence[int | None], handles: Handles) -> dict[int | None, list[types.Override]]:
    found: dict[int | None, list[types.Override]] = defaultdict(list)
    theirs = select(Override).where(col(Override.schedule_id).in_(ids))
    for row in session.exec(theirs.order_by(col(Override.created_at), col(Override.id))):
        person = None if row.user_id is None else handles[row.user_id]
        replaced = types.EVERYBODY if row.replaces_id is None else handles[row.replaces_id]
        off = None if row.kind is OverrideKind.ADD else replaced
        made = types.Override(row.level, person, row.starts_at, row.ends_at, off=off, source=row.source.value)
        found[row.schedule_id].append(made)
    return found


def _experienced(session: Session, ids: Sequence[int | None], handles: Handles) -> dict[int | None, list[types.Person]]:
    found: dict[int | None, list[types.Person]] = defaultdict(list)
    rows = select(Experience.schedule_id, Experience.user_id).where(col(Experience.schedule_id).in_(ids))
    for schedule_id, user_id in session.exec(rows):
        found[schedule_id].append(handles[user_id])
    return found
