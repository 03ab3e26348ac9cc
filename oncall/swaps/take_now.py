"""Taking over now: the taker's own consent suffices; whoever is relieved is told, and open alerts come along."""

from datetime import datetime

from sqlmodel import Session

from oncall.errors import BadInput, Conflict
from oncall.installation import lock_plans
from oncall.lifecycle.swap import SwapAction, SwapState, after
from oncall.models import Schedule, Swap, SwapEventKind, SwapKind, User
from oncall.moments import check_near
from oncall.rota.coverage import OnCall, on_call
from oncall.rota.overrides import check_level
from oncall.settings import Settings
from oncall.swaps.gone import end_overtaken
from oncall.swaps.hand_over import hand_over
from oncall.swaps.offer import store
from oncall.swaps.open_alerts import hand_over_alerts
from oncall.swaps.parts import piece
from oncall.swaps.rules import Window, ground, objections_by_person, windows_of
from oncall.swaps.story import note_all_the_same, record
from oncall.swaps.telling import tell
from schedules.swap_rules import ASKED_BY_OTHERS, AT_ONCE


def take_now(
    session: Session,
    settings: Settings,
    taker: User,
    schedule: Schedule,
    level: str,
    until: datetime | None,
    relieved: User | None,
    now: datetime,
) -> Swap:
    """`until` None: to the end of the shift. `relieved`: whom the taker believes to relieve; None for whoever it is.

    Raises BadInput, or Conflict when somebody else has it by now.
    """
    assert taker.id is not None
    lock_plans(session)
    shift = _running(session, schedule, level, relieved, now)
    row = piece(Window(schedule, level, now, _end(shift, until, now)), shift.user_id, taker.id)
    known = ground(session, windows_of(session, [row]))
    if against := objections_by_person(session, [taker.id], [row], known, AT_ONCE)[taker.id]:
        raise BadInput(" ".join(against), problems=against if len(against) > 1 else ())
    warnings = objections_by_person(session, [taker.id], [row], known, ASKED_BY_OTHERS)[taker.id]
    swap = Swap(
        kind=SwapKind.TAKE_NOW,
        state=after(SwapState.OFFERED, SwapAction.ACCEPT),
        asker_id=taker.id,
        made_by_id=taker.id,
        created_at=now,
        expires_at=row.ends_at,
        decided_at=now,
        decided_by_id=taker.id,
        decided_for_id=taker.id,
    )
    store(session, swap, [row], [])
    hand_over(session, row, taker.id, taker.id, now)
    handed = hand_over_alerts(session, schedule, level, shift.user_id, taker, now)
    record(session, swap, SwapEventKind.ACCEPTED, f"{taker.name} takes over from {shift.name}", now, taker.id)
    note_all_the_same(session, swap, "Taken over", warnings, now, taker.id)
    numbers = ", ".join(f"#{number}" for number in handed)
    words = f" {numbers} {'is' if len(handed) == 1 else 'are'} theirs now." if handed else ""
    if handed:
        record(session, swap, SwapEventKind.NOTE, f"Open alerts handed over: {numbers}", now, taker.id)
    tell(session, settings, swap, [shift.user_id], "taken over", now, who=taker.name, alerts=words)
    end_overtaken(session, settings, [row], now)
    session.flush()
    return swap


def _running(session: Session, schedule: Schedule, level: str, relieved: User | None, now: datetime) -> OnCall:
    shifts = on_call(session, schedule, now)
    check_level(schedule, level)
    if not shifts[level]:
        raise BadInput(
            f"Nobody is on {schedule.name} {level} now, so there is nobody to relieve: add an override.", field="level"
        )
    named = [shift for shift in shifts[level] if relieved is None or relieved.id == shift.user_id]
    have = f"{' and '.join(shift.name for shift in shifts[level])} {'has' if len(shifts[level]) == 1 else 'have'}"
    if not named:
        raise Conflict(f"{have} {schedule.name} {level} now: look again before you take it over.")
    if len(named) > 1:
        raise BadInput(f"{have} {schedule.name} {level} now: say whom you relieve.", field="to")
    return named[0]


def _end(shift: OnCall, until: datetime | None, now: datetime) -> datetime:
    if until is None:
        return shift.end
    check_near(until, f"{until:%Y-%m-%d %H:%M}", "end")
    if until <= now:
        raise BadInput("It must end after now: past time can't be swapped.", field="end")
    if until > shift.end:
        raise BadInput(
            f"The shift of {shift.name} ends before that: leave the end out to take it to its end.", field="end"
        )
    return until
