"""What pages show beside shifts that run now: out of reach on mine, taking over on those of others."""

from collections.abc import Sequence
from dataclasses import dataclass

from oncall.lifecycle.swap import SwapState
from oncall.models import Schedule
from oncall.rota import coverage
from oncall.rota.coverage import OnCall, Person
from oncall.rota.plans import find_schedule
from oncall.swaps.candidates import candidates
from oncall.swaps.out_of_reach import USUAL
from oncall.swaps.parts import piece
from oncall.swaps.queries import SwapFilter
from oncall.swaps.rules import Window, ground, objections_to_each, windows_of
from schedules.swap_rules import AT_ONCE, FOR_A_WHILE
from web.edge import Caller
from web.pages.swaps.swap_cards import SwapCard, cards

MOST_AWAY = 10


@dataclass(frozen=True, slots=True)
class Leaving:
    """A shift of mine that runs now, and who else could cover it for a while."""

    shift: OnCall
    covers: Sequence[Person]


def away_now(caller: Caller) -> list[SwapCard]:
    """Where I am out of reach now."""
    under_way = cards(caller, SwapFilter(open_only=True, asked_by=caller.user_id), MOST_AWAY)
    return [each for each in under_way if each.row.swap.state is SwapState.RUNNING]


def leavings(caller: Caller, shifts: Sequence[OnCall]) -> list[Leaving]:
    return [Leaving(shift, _covers(caller, shift)) for shift in shifts if shift.start <= caller.now < shift.end]


def takeable(caller: Caller, schedule: Schedule, levels: dict[str, list[OnCall]]) -> list[OnCall]:
    """The shifts that run now on a schedule and that I may take over."""
    running = [shift for on in levels.values() for shift in on if shift.user_id != caller.user_id]
    rows = [piece(_window(schedule, shift, caller), shift.user_id, caller.user_id) for shift in running]
    if not rows:
        return []
    known = ground(caller.session, windows_of(caller.session, rows))

    found = objections_to_each(caller.session, caller.user_id, rows, known, AT_ONCE)
    return [shift for shift, against in zip(running, found, strict=True) if not against]


def _covers(caller: Caller, shift: OnCall) -> Sequence[Person]:
    """By name."""
    end = min(caller.now + USUAL, shift.end)
    window = Window(find_schedule(caller.session, shift.schedule), shift.level, caller.now, end)
    row, known = piece(window, shift.user_id, None), ground(caller.session, [window], on_call_too=True)
    found = candidates(caller.session, [row], known, FOR_A_WHILE)
    handles, people = coverage.everybody(caller.session), coverage.people(caller.session)
    return [people[handles[user_id]] for user_id, against in found.items() if not against]


def _window(schedule: Schedule, shift: OnCall, caller: Caller) -> Window:
    return Window(schedule, shift.level, max(shift.start, caller.now), shift.end)
