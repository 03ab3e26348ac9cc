"""Published turns: people have been told them, so they stay, whoever joins or leaves later.

What is not published yet goes on from the person after the last published one, among the members there are now. A
leaver's turns alone change hands: each goes to whoever has the least to do and may take it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from schedules.experience import experience, people_of, turn_of
from schedules.rotation import base_people, handoff, turn_at
from schedules.types import Person, Rotation, Schedule
from schedules.wallclock import to_utc


@dataclass(frozen=True)
class PublishedTurn:
    """One turn as it was told: whose it is by order, and who is on each of the rotation's levels."""

    number: int
    lead: Person
    people: tuple[Person, ...]


def continued(rotation: Rotation, told: Iterable[PublishedTurn]) -> Rotation:
    """The rotation bound to what has been told. Turns told for other levels than it has now do not bind it."""
    turns = sorted((turn for turn in told if len(turn.people) == len(rotation.levels)), key=lambda turn: turn.number)
    if not turns:
        return rotation
    return replace(
        rotation, published={turn.number: turn.people for turn in turns}, epoch=_epoch(rotation.members, turns)
    )


def _epoch(members: tuple[Person, ...], told: Sequence[PublishedTurn]) -> tuple[int, int]:
    """The first turn after those told, and whose it is: whoever follows the last leader who is a member still."""
    following = told[-1].number + 1
    for turn in reversed(told):
        if turn.lead in members:
            return following, (members.index(turn.lead) + 1) % len(members)
    return following, 0


def to_publish(schedule: Schedule, rank: int, now: datetime, until: datetime) -> list[PublishedTurn]:
    """The turns to tell now: those after the last told, or else the running one, that begin before `until`."""
    rotation = schedule.rotations[rank]
    if not rotation.members:
        return []
    first = max(rotation.published) + 1 if rotation.published else turn_at(rotation, schedule.zone, now) or 0
    return [
        PublishedTurn(
            number,
            base_people(rotation, number)[0],
            people_of(schedule, turn_of(rotation, rank, schedule.zone, number)),
        )
        for number in _beginning_before(schedule, rotation, first, until)
    ]


def _beginning_before(schedule: Schedule, rotation: Rotation, first: int, until: datetime) -> Iterator[int]:
    if rotation.until is not None:
        until = min(until, to_utc(rotation.until, schedule.zone))
    for number in count(first):
        if handoff(rotation, schedule.zone, number) >= until:
            return
        yield number


def handed_on(schedule: Schedule, rank: int, told: Iterable[PublishedTurn], now: datetime) -> list[PublishedTurn]:
    """The turns that have not ended and hold somebody who is no member any more, each with others in their places."""
    rotation = schedule.rotations[rank]
    if not rotation.members:
        return []
    binding = [turn for turn in told if turn.number in rotation.published]
    ahead = {turn.number: turn for turn in binding if handoff(rotation, schedule.zone, turn.number + 1) > now}
    burden = Counter(person for turn in ahead.values() for person in turn.people)
    changed = []
    for number, turn in sorted(ahead.items()):
        for place, person in enumerate(turn.people):
            if person not in rotation.members:
                taker = _taker(schedule, rank, turn, place, ahead, burden)
                turn = replace(turn, people=(*turn.people[:place], taker, *turn.people[place + 1 :]))
                burden[taker] += 1
        if turn is not ahead[number]:
            ahead[number] = turn
            changed.append(turn)
    return changed


def _taker(
    schedule: Schedule,
    rank: int,
    turn: PublishedTurn,
    place: int,
    ahead: dict[int, PublishedTurn],
    burden: Counter[Person],
) -> Person:
    """Whoever has the fewest turns ahead; rather not a first-timer where the rule forbids it, nor on the turn already,
    nor on the turns before and after.
    """
    rotation = schedule.rotations[rank]
    near = {
        person for number in (turn.number - 1, turn.number + 1) if number in ahead for person in ahead[number].people
    }
    barred: frozenset[Person] = frozenset()
    if rotation.first_shift_level and rotation.levels[place] != rotation.first_shift_level:
        begins = handoff(rotation, schedule.zone, turn.number)
        barred = experience(schedule).first_timers(rotation.first_shift_level, begins)
    return min(
        rotation.members,
        key=lambda person: (person in barred, person in turn.people, person in near, burden[person]),
    )
