"""Publishing turns up to a schedule's horizon, so that what people have been told does not move under them.

A new member comes on after the horizon; sooner only when somebody who runs the schedule publishes it anew, having seen
who gains and who loses. A leaver's turns are handed on at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.auth.permissions import runs
from oncall.db.database import Database, may_take_long, notify_engines
from oncall.delivery.reachable import reachable
from oncall.errors import Forbidden, NeedsConfirmation
from oncall.installation import installation, marked
from oncall.models import Absence, Installation, PublishedTurn, Rotation, Schedule, User
from oncall.models.schedule import CURRENT
from oncall.reports.burden import Scales
from oncall.rota.consequences import Watch
from oncall.rota.coverage import everybody, plan_of
from oncall.rota.covers_of_leavers import keep_covers, keep_past
from oncall.rota.members import Members, begin_anew, note_newcomers
from oncall.rota.outlook import outlook
from oncall.rota.plans import load_plan, rotations, told_turns
from oncall.rota.promises import Promises
from schedules import handing_on, promises, published_turns, types
from schedules.compare import Move, moves
from schedules.layers import decided
from schedules.resolve import final_shifts
from schedules.rotation import handoff, turn_at
from schedules.spans import Span, clip


@dataclass(frozen=True, slots=True)
class _News:
    """A turn to publish, or to publish differently, which lasts for [start, end)."""

    schedule_id: int
    rotation_id: int
    levels: tuple[str, ...]
    start: datetime
    end: datetime
    turn: published_turns.PublishedTurn
    decides: tuple[Sequence[Span], ...] = ()
    """Of one that is handed on, by level: when it says who is on, and no rotation above it does."""


def touched(session: Session) -> Sequence[Schedule]:
    """The schedules whose shifts may have changed since calendars were last brought up to date."""
    return session.exec(select(Schedule).where(col(Schedule.published_as) != marked(installation(session)))).all()


def publish_turns(database: Database, now: datetime, *, only_if_changed: bool = False) -> int:
    """Bring every schedule up to its horizon and hand on what leavers leave. Doing it twice changes nothing.

    `only_if_changed`: only those for which something has changed who is on call. Gives how many turns were written.
    Worked out without holding anything that paging needs; when somebody changes a schedule meanwhile nothing is
    written, and the next call does it.
    """
    note_newcomers(database, now)
    with database.read() as session:
        revision = installation(session).revision
        news = [
            one
            for schedule in (touched(session) if only_if_changed else session.exec(select(Schedule)).all())
            for one in (*_left(session, schedule, now), *_ahead(session, schedule, now))
        ]
        ids = {handle: user_id for user_id, handle in everybody(session).items()}
    if not news:
        return 0
    with database.transaction() as session:
        may_take_long(session)
        row = session.exec(select(Installation).with_for_update()).one()
        if row.revision != revision:
            return 0
        _write(session, news, ids, now)
    return len(news)


def hand_on(session: Session, schedules: Sequence[Schedule], now: datetime) -> None:
    """Give what leavers leave to others, within the change that makes them leave."""
    members = Members(session)
    ids = [schedule.id for schedule in schedules]
    current = session.exec(select(Rotation).where(CURRENT, col(Rotation.schedule_id).in_(ids)))
    begin_anew(session, [row.id for row in current if row.id is not None and members.people(row)], now)
    news = [one for schedule in schedules for one in _left(session, schedule, now)]
    if news:
        _write(session, news, {handle: user_id for user_id, handle in everybody(session).items()}, now)


def _left(session: Session, schedule: Schedule, now: datetime) -> list[_News]:
    plan, rows = plan_of(session, schedule), rotations(session, schedule)
    told = told_turns(session, [schedule], everybody(session))
    news = []
    for rank, row, rotation in zip(range(-len(rows), 0), rows, plan.rotations, strict=True):
        own = told.get(row.id, [])
        if row.ended_at is None and handing_on.handed_on(plan, rank, own, now):
            besides = _besides(session, schedule, rotation, now)
            for turn in handing_on.handed_on(plan, rank, own, now, besides):
                one = _one(row, rotation, turn)
                news.append(replace(one, decides=tuple(_decided_by(plan, rank, level, one) for level in one.levels)))
    return news


def _decided_by(plan: types.Schedule, rank: int, level: str, one: _News) -> list[Span]:
    return [(start, end) for start, end, highest in decided(plan, level, one.start, one.end) if highest == rank]


def _besides(session: Session, schedule: Schedule, rotation: types.Rotation, now: datetime) -> handing_on.Besides:
    """People are shared: what they have on other schedules is a burden too, and where they are they can't be."""
    on_call = {
        person: [
            (max(shift.start, now), shift.end)
            for shift in shifts
            if shift.end > now and (shift.schedule, shift.rotation) != (schedule.name, rotation.name)
        ]
        for person, shifts in outlook(session, now).of_person.items()
    }
    away: dict[str, list[Span]] = defaultdict(list)
    rows = select(User.handle, Absence.starts_at, Absence.ends_at).join(Absence).where(col(Absence.ends_at) > now)
    for handle, start, end in session.exec(rows):
        away[handle].append((start, end))
    return handing_on.Besides(on_call, away, Scales(session).weigh, reachable(session))


def _ahead(session: Session, schedule: Schedule, now: datetime) -> list[_News]:
    plan, rows = plan_of(session, schedule), rotations(session, schedule)
    until = now + timedelta(days=schedule.horizon_days)
    return [
        _one(row, rotation, turn)
        for rank, row, rotation in zip(range(-len(rows), 0), rows, plan.rotations, strict=True)
        if row.ended_at is None
        for turn in published_turns.to_publish(plan, rank, now, until)
    ]


def _one(row: Rotation, rotation: types.Rotation, turn: published_turns.PublishedTurn) -> _News:
    assert row.id is not None
    start, end = handoff(rotation, turn.number), handoff(rotation, turn.number + 1)
    return _News(row.schedule_id, row.id, rotation.levels, start, end, turn)


def _write(session: Session, news: Iterable[_News], ids: dict[str, int], now: datetime) -> None:
    for rotation_id, turns in groupby(news, key=lambda one: one.rotation_id):
        wanted = {one.turn.number: one for one in turns}
        of_rotation = select(PublishedTurn).where(PublishedTurn.rotation_id == rotation_id)
        with session.no_autoflush:  # what is written of other rotations is stored all at once
            rows = session.exec(of_rotation.where(col(PublishedTurn.number) >= min(wanted)))
            present = {row.number: row for row in rows}
        for number, one in wanted.items():
            seats = [[ids[person] for person in seat] for seat in one.turn.seats]
            lead = [ids[person] for person in one.turn.lead]
            if one.decides:
                _keep_others(session, one, present[number], seats, now)
            values: dict[str, Any] = {"lead": lead, "seats": seats, "published_at": now}
            row = present.get(number) or PublishedTurn(rotation_id=rotation_id, number=number, **values)
            session.add(row.sqlmodel_update(values))
    session.flush()


def _keep_others(session: Session, one: _News, row: PublishedTurn, seats: list[list[int]], now: datetime) -> None:
    for level, before, after, spans in zip(one.levels, row.seats, seats, one.decides, strict=True):
        gone = [person for person in before if person not in after]
        come = [person for person in after if person not in before]
        moved = list(zip_longest(gone, come))[: len(gone)]
        for start, end in clip(spans, now, one.end):
            keep_covers(session, one.schedule_id, level, moved, start, end)
        past = clip(spans, one.start, now)
        keep_past(session, one.schedule_id, level, moved, past, row.published_at, is_deserted=not after)


def plan_anew(session: Session, schedule: Schedule, now: datetime) -> list[Move]:
    """Who would gain and who would lose which time, if the turns that have not begun were published anew.

    The last shifts with their own ends, though these lie past the horizon.
    """
    until = (now + timedelta(days=schedule.horizon_days)).replace(hour=0, minute=0, second=0, microsecond=0)
    begun = _last_begun(session, schedule, now)
    handles = everybody(session)
    told = told_turns(session, [schedule], handles)
    kept = {id_: [turn for turn in turns if turn.number <= begun.get(id_, turn.number)] for id_, turns in told.items()}
    old, new = plan_of(session, schedule), load_plan(session, schedule, Members(session), kept, handles)
    plans = old, replace(new, overrides=(*new.overrides, *promises.kept(old, new, now)))
    last = max((shift.end for plan in plans for shift in final_shifts(plan, now, until)), default=until)
    before, after = (final_shifts(plan, now, last) for plan in plans)
    return [move for move in moves(before, after, now, max(last, until)) if move.start < until]


def check_may_publish(session: Session, by: User, schedule: Schedule) -> None:
    if not runs(session, by, schedule):
        raise Forbidden(f"Only a manager of the team or an admin can publish {schedule.name} anew.")


def publish_anew(
    session: Session, schedule: Schedule, now: datetime, *, confirm: bool = False, told_in: ZoneInfo | None = None
) -> list[Move]:
    """Gives who gained and who lost which time. Raises NeedsConfirmation."""
    moved, harm = try_anew(session, schedule, now, told_in)
    if harm and not confirm:
        raise NeedsConfirmation(harm)
    return moved


def try_anew(
    session: Session, schedule: Schedule, now: datetime, told_in: ZoneInfo | None = None
) -> tuple[list[Move], list[str]]:
    """Forget the turns that have not begun; the engine publishes them with the members there are now. Swaps stay.

    Without asking: gives who gains and who loses which time, and a sentence for each thing that it makes worse, with
    times on the clock of `told_in`, else on the schedule's.
    """
    watch, agreed = Watch(session, now, schedule, told_in), Promises(session, now)
    moved = plan_anew(session, schedule, now)
    for rotation_id, number in _last_begun(session, schedule, now).items():
        ahead = select(PublishedTurn).where(PublishedTurn.rotation_id == rotation_id)
        for turn in session.exec(ahead.where(col(PublishedTurn.number) > number)):
            session.delete(turn)
    session.flush()
    agreed.keep()
    notify_engines(session)
    return moved, watch.harm_ahead()


def _last_begun(session: Session, schedule: Schedule, now: datetime) -> dict[int | None, int]:
    """By rotation, the number of the turn that is running; -1 before the first."""
    plan = plan_of(session, schedule)
    running = [turn_at(rotation, now) for rotation in plan.rotations]
    rows = rotations(session, schedule)
    return {
        row.id: -1 if number is None else number
        for row, number in zip(rows, running, strict=True)
        if row.ended_at is None
    }
