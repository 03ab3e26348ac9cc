"""Published turns: people have been told them, so they stay, whoever joins or leaves later.

What is not published yet goes on from the person after the last published one, among the members there are now. A
leaver's turns alone change hands: each goes to whoever may take it and has the least burden (`handing_on.py`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from schedules.experience import seats_of, turn_of
from schedules.order import people, place_by_count, places_of, seats
from schedules.rotation import handoff, turn_at
from schedules.types import Person, Rotation, Schedule, Seat
from schedules.wallclock import to_utc


@dataclass(frozen=True)
class PublishedTurn:
    """One turn as it was told: whose it is by order, and who is on each of the rotation's levels."""

    number: int
    lead: Seat
    seats: tuple[Seat, ...]


def continued(rotation: Rotation, told: Iterable[PublishedTurn], since: datetime) -> Rotation:
    """The rotation bound to what has been told. Turns told for other levels than it has now do not bind it.

    `since`: when people began to be told, aware UTC. What was before it nobody was told, and newcomers did not do.
    """
    turns = sorted((turn for turn in told if len(turn.seats) == len(rotation.levels)), key=lambda turn: turn.number)
    published = {turn.number: turn.seats for turn in turns}
    if not turns:
        running = turn_at(rotation, since)
        return replace(rotation, told_from=0 if running is None else running + 1)
    return replace(rotation, published=published, told_from=turns[0].number, epoch=_epoch(rotation, turns))


def _epoch(rotation: Rotation, told: Sequence[PublishedTurn]) -> tuple[int, int]:
    """The first turn after those told, and whose it is: whoever follows the last leader who is a member still.

    With all leaders gone, whoever follows the one who has the last turn in a leaver's place: nobody has two in a row.
    """
    following = told[-1].number + 1
    leads = [(turn.number, turn.lead) for turn in told]
    for first in (leads, [(turn.number, turn.lead and turn.seats[0]) for turn in told]):
        place = _following(rotation, first)
        if place is not None:
            return following, place
    return following, 0


def _following(rotation: Rotation, first: Sequence[tuple[int, Seat]]) -> int | None:
    """The place after the last of `first` who is a member: of several places, the next after whoever was before."""
    back: list[tuple[int, list[int]]] = []
    for number, seat in reversed(first):
        theirs = places_of(rotation, seat, number)
        if theirs:
            back.append((number, theirs))
        if len(theirs) == 1:
            break
    if not back:
        return None
    number, theirs = back.pop()
    counted = place_by_count(rotation, number)
    place = counted if counted in theirs else theirs[0]
    for _, theirs in reversed(back):
        place = next((each for each in theirs if each > place), theirs[0])
    return (place + 1) % len(rotation.members)


def to_publish(schedule: Schedule, rank: int, now: datetime, until: datetime) -> list[PublishedTurn]:
    """The turns to tell now: those after the last told, or else the running one, that begin before `until`."""
    rotation = schedule.rotations[rank]
    if not rotation.members:
        return []
    first = max(rotation.published) + 1 if rotation.published else turn_at(rotation, now) or 0
    turns = []
    for number in _beginning_before(rotation, first, until):
        by_order = seats(rotation, number)
        if by_order:
            on = seats_of(schedule, turn_of(rotation, rank, number))
            turns.append(PublishedTurn(number, by_order[0], on))
    return turns


def _beginning_before(rotation: Rotation, first: int, until: datetime) -> Iterator[int]:
    if rotation.until is not None:
        until = min(until, to_utc(rotation.until, rotation.zone))
    for number in count(first):
        if handoff(rotation, number) >= until:
            return
        yield number


def joining(before: Rotation, after: Rotation, now: datetime) -> tuple[datetime, list[Person]] | None:
    """Who has come to a rotation whose turns are told, and has none of them: they come on when these are over."""
    if not after.published:
        return None
    running = turn_at(after, now) or 0
    ahead = {who for number, turn in after.published.items() if number >= running for seat in turn for who in seat}
    come = [person for person in people(after) if person not in {*people(before), *ahead}]
    return (handoff(after, max(after.published) + 1), come) if come else None
