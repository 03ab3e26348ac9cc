"""What must hold before a shift changes hands: every rule as data in, sentences out; no sentence is no objection."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from schedules.conflicts import double_bookings, short_rests
from schedules.last_line import first_timers_alone
from schedules.resolve import final_shifts
from schedules.spans import clip, holes
from schedules.swaps import Ground, Piece, Taker, outcome, received
from schedules.types import Shift


@dataclass(frozen=True, slots=True)
class Strictness:
    """Which of the rules that depend on how it came about apply."""

    absence: bool = True
    rest: bool = True
    two_levels: bool = True
    """Whether being on two levels of one schedule counts as a double booking."""


ASKED_BY_OTHERS = Strictness()
BY_THEMSELVES = Strictness(absence=False)  # people may agree to cover while away
AT_ONCE = Strictness(absence=False, rest=False)  # whoever takes over now knows how rested they are
FOR_A_WHILE = Strictness(rest=False, two_levels=False)  # out of reach: one person has both levels for half an hour


def objections(taker: Taker, pieces: Sequence[Piece], ground: Ground, strict: Strictness) -> list[str]:
    """Why they can't take what the pieces give them, a sentence each. `pieces`: the whole swap, both ways."""
    return list(dict.fromkeys(_objections(taker, pieces, ground, strict)))


def _objections(taker: Taker, pieces: Sequence[Piece], ground: Ground, strict: Strictness) -> Iterator[str]:
    if taker.is_retired:
        yield f"{taker.name} has retired."
        return
    if not taker.can_be_reached:
        yield f"{taker.name} can't be paged: they have no verified contact method."
    taken, after = [piece for piece in pieces if piece.taker == taker.person], outcome(pieces, ground)
    for piece in taken:
        yield from _place(taker, piece, ground, after)
    yield from _double_bookings(taker, taken, after, ground, strict)
    if strict.rest:
        yield from _rests(taker, taken, after, ground)
    if strict.absence:
        yield from _absences(taker, taken, ground)


def _place(taker: Taker, piece: Piece, ground: Ground, after: Sequence[Shift]) -> Iterator[str]:
    if ground.held(piece, taker.person):
        yield f"{taker.name} is on {piece.where} then already."
    elif taker.person not in ground.eligible.get((piece.schedule, piece.level), frozenset()):
        yield f"{taker.name} is neither in a rotation of {piece.where} nor in the schedule's team."
    else:
        problems = first_timers_alone(ground.plans[piece.schedule], piece, ground.shifts, after)
        yield from (f"{taker.name} {problem}." for problem in problems)


def _double_bookings(
    taker: Taker, taken: Collection[Piece], after: Sequence[Shift], ground: Ground, strict: Strictness
) -> Iterator[str]:
    """Those that the swap would bring, and none that are there without it."""
    new = {received(piece) for piece in taken}
    for booking in double_bookings(shift for shift in after if shift.person == taker.person):
        pair = booking.first, booking.second
        if new.isdisjoint(pair) or not (strict.two_levels or pair[0].schedule != pair[1].schedule):
            continue
        other, mine = pair if pair[1] in new else reversed(pair)
        then = ground.span(mine.schedule, booking.start, booking.end)
        yield f"{taker.name} is on {other.schedule} {other.level} {then} too."


def _rests(taker: Taker, taken: Collection[Piece], after: Sequence[Shift], ground: Ground) -> Iterator[str]:
    """Rests that are too short for a schedule of which they would take something."""
    new = {received(piece) for piece in taken}
    relevant = [shift for shift in after if shift.person == taker.person or shift.rotation is None]
    for name in sorted({piece.schedule for piece in taken}):
        for pair in short_rests(relevant, ground.rest[name]):
            mine = [shift for shift in (pair.before, pair.after) if shift in new and shift.schedule == name]
            if not mine or all(_is_their_own_turn(shift, ground) for shift in mine):
                continue
            before, later = (f"{shift.schedule} {shift.level}" for shift in (pair.before, pair.after))
            least, left = (f"{length / timedelta(hours=1):.3g} h" for length in (ground.rest[name], pair.rest))
            yield f"{taker.name} would have {left} of rest between {before} and {later}; {name} asks for {least}."


def _is_their_own_turn(shift: Shift, ground: Ground) -> bool:
    """Whether the rotations give it to them: whoever gets back what they gave is asked for nothing new."""
    plan = replace(ground.plans[shift.schedule], overrides=())
    turns = final_shifts(plan, shift.start, shift.end)
    own = [(turn.start, turn.end) for turn in turns if (turn.level, turn.person) == (shift.level, shift.person)]
    return not holes(own, shift.start, shift.end)


def _absences(taker: Taker, taken: Collection[Piece], ground: Ground) -> Iterator[str]:
    for piece in taken:
        for start, end in clip(taker.away, piece.start, piece.end):
            yield f"{taker.name} is away {ground.span(piece.schedule, start, end)}."
