"""Schedules tried out: what a config would give, by the very way that applies it, as far as the commit."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from oncall.config.apply import write_on_call
from oncall.config.schema import Config
from oncall.errors import BadInput
from oncall.rota import coverage
from oncall.rota.horizon import hand_on
from oncall.rota.plans import find_schedule
from oncall.rota.promises import Promises
from schedules import effort, types

MOST_SHIFTS = 20_000
"""About a second's work: anybody who is let in can ask for a preview."""


def plans_with(
    session: Session, wanted: Config, names: Collection[str], start: datetime, until: datetime, now: datetime
) -> list[types.Schedule]:
    """The schedules of these names as they would be once `wanted` is applied, for the shifts of [start, until).

    What people have been told stays, with overrides, swaps and temporary schedules; leavers hand on. It writes, and the
    caller throws that away; shifts are worked out afterwards, when nobody waits for the database any more.
    Raises BadInput, also where it would be too much work.
    """
    promises = Promises(session, now)
    write_on_call(session, wanted, now)
    rows = [find_schedule(session, name) for name in sorted(names)]
    for row in rows:
        _check_effort(coverage.plan_of(session, row), start, until)
    hand_on(session, rows, now)
    promises.keep()
    return [coverage.plan_of(session, row) for row in rows]


def _check_effort(plan: types.Schedule, start: datetime, until: datetime) -> None:
    shifts, turns = effort.shifts_within(plan, start, until), effort.turns_until(plan, until)
    if shifts > MOST_SHIFTS:
        raise BadInput(
            f"The preview would have about {shifts:,} shifts, and {MOST_SHIFTS:,} are the most: ask for less time.",
            field="until",
        )
    if turns > MOST_SHIFTS:
        raise BadInput(
            f"The first-timer rule would be followed through about {turns:,} turns, and {MOST_SHIFTS:,} are the most: "
            "let the rotations start later.",
            field="schedule",
        )
