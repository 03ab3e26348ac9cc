"""Publishing turns up to a schedule's horizon, so that what people have been told does not move under them.

A new member comes on after the horizon; sooner only when somebody who runs the schedule publishes it anew, having seen
who gains and who loses. A leaver's turns are handed on at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from oncall.coverage import everybody, plan_of
from oncall.db import Database, notify_engines
from oncall.errors import Forbidden
from oncall.installation import installation
from oncall.members import Members, note_newcomers
from oncall.models import Installation, PublishedTurn, Schedule, User
from oncall.overrides import runs
from oncall.plans import load_plan, rotations, told_turns
from schedules import published_turns
from schedules.compare import Move, moves
from schedules.resolve import final_shifts
from schedules.rotation import turn_at


@dataclass(frozen=True, slots=True)
class _News:
    """A turn to publish, or to publish differently."""

    rotation_id: int
    turn: published_turns.PublishedTurn


def publish_turns(database: Database, now: datetime) -> int:
    """Bring every schedule up to its horizon and hand on what leavers leave. Doing it twice changes nothing.

    Gives how many turns were written. Worked out without holding anything that paging needs; when somebody changes a
    schedule meanwhile nothing is written, and the next call does it.
    """
    note_newcomers(database, now)
    with database.read() as session:
        revision = installation(session).revision
        news = [one for schedule in session.exec(select(Schedule)).all() for one in _news(session, schedule, now)]
        ids = {handle: user_id for user_id, handle in everybody(session).items()}
    if not news:
        return 0
    with database.transaction() as session:
        row = session.exec(select(Installation).with_for_update()).one()
        if row.revision != revision:
            return 0
        _write(session, news, ids, now)
    return len(news)


def _news(session: Session, schedule: Schedule, now: datetime) -> list[_News]:
    plan, rows = plan_of(session, schedule), rotations(session, schedule)
    told = told_turns(session, schedule, everybody(session))
    until = now + timedelta(days=schedule.horizon_days)
    found = []
    for place, row in enumerate(rows):
        if row.ended_at is not None:
            continue
        assert row.id is not None
        rank = place - len(rows)
        turns = [
            *published_turns.handed_on(plan, rank, told.get(row.id, []), now),
            *published_turns.to_publish(plan, rank, now, until),
        ]
        found += [_News(row.id, turn) for turn in turns]
    return found


def _write(session: Session, news: Iterable[_News], ids: dict[str, int], now: datetime) -> None:
    for rotation_id, turns in groupby(news, key=lambda one: one.rotation_id):
        wanted = {one.turn.number: one.turn for one in turns}
        of_rotation = select(PublishedTurn).where(PublishedTurn.rotation_id == rotation_id)
        rows = session.exec(of_rotation.where(col(PublishedTurn.number) >= min(wanted)))
        present = {row.number: row for row in rows}
        for number, turn in wanted.items():
            seats = [[ids[person] for person in seat] for seat in turn.seats]
            lead = [ids[person] for person in turn.lead]
            values: dict[str, Any] = {"lead": lead, "seats": seats, "published_at": now}
            row = present.get(number) or PublishedTurn(rotation_id=rotation_id, number=number, **values)
            session.add(row.sqlmodel_update(values))
    session.flush()


def plan_anew(session: Session, schedule: Schedule, now: datetime) -> list[Move]:
    """Who would gain and who would lose which time, if the turns that have not begun were published anew."""
    until = (now + timedelta(days=schedule.horizon_days)).replace(hour=0, minute=0, second=0, microsecond=0)
    begun = _last_begun(session, schedule, now)
    told = told_turns(session, schedule, everybody(session))
    kept = {id_: [turn for turn in turns if turn.number <= begun.get(id_, turn.number)] for id_, turns in told.items()}
    anew = load_plan(session, schedule, Members(session), kept)
    return moves(final_shifts(plan_of(session, schedule), now, until), final_shifts(anew, now, until), now, until)


def check_may_publish(session: Session, by: User, schedule: Schedule) -> None:
    if not runs(session, by, schedule):
        raise Forbidden(f"Only a manager of the team or an admin can publish {schedule.name} anew.")


def publish_anew(session: Session, schedule: Schedule, now: datetime) -> list[Move]:
    """Forget the turns that have not begun; the engine publishes them with the members there are now.

    Gives who gained and who lost which time.
    """
    moved = plan_anew(session, schedule, now)
    for rotation_id, number in _last_begun(session, schedule, now).items():
        ahead = select(PublishedTurn).where(PublishedTurn.rotation_id == rotation_id)
        for turn in session.exec(ahead.where(col(PublishedTurn.number) > number)):
            session.delete(turn)
    session.flush()
    notify_engines(session)
    return moved


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
