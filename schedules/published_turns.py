"""Published turns: people have been told them, so they stay, whoever joins or leaves later.

What is not published yet goes on from the person after the last published one, among the members there are now. A
leaver's turns alone change hands: each goes to whoever has the least to do and may take it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TypeAlias

from schedules.experience import experience, seats_of, turn_of
from schedules.order import is_member, members_at, seats
from schedules.rotation import handoff, turn_at
from schedules.spans import Span, clip
from schedules.types import Member, Person, Rotation, Schedule, Seat
from schedules.wallclock import to_utc

Burden: TypeAlias = dict[Person, timedelta]  # how long each person is on call ahead


@dataclass(frozen=True)
class PublishedTurn:
    """One turn as it was told: whose it is by order, and who is on each of the rotation's levels."""

    number: int
    lead: Seat
    seats: tuple[Seat, ...]


@dataclass(frozen=True)
class Besides:
    """What people have besides the turns of a rotation, from now on: spans of aware UTC."""

    on_call: Mapping[Person, Sequence[Span]] = field(default_factory=dict)
    away: Mapping[Person, Sequence[Span]] = field(default_factory=dict)

    def hinders(self, person: Person, start: datetime, end: datetime) -> bool:
        spans = (*self.on_call.get(person, ()), *self.away.get(person, ()))
        return bool(clip(spans, start, end))


NOTHING = Besides()


def continued(rotation: Rotation, told: Iterable[PublishedTurn], since: datetime) -> Rotation:
    """The rotation bound to what has been told. Turns told for other levels than it has now do not bind it.

    `since`: when people began to be told, aware UTC. What was before it nobody was told, and newcomers did not do.
    """
    turns = sorted((turn for turn in told if len(turn.seats) == len(rotation.levels)), key=lambda turn: turn.number)
    published = {turn.number: turn.seats for turn in turns}
    if not turns:
        running = turn_at(rotation, since)
        return replace(rotation, told_from=0 if running is None else running + 1)
    return replace(rotation, published=published, told_from=turns[0].number, epoch=_epoch(rotation.members, turns))


def _epoch(members: Sequence[Member], told: Sequence[PublishedTurn]) -> tuple[int, int]:
    """The first turn after those told, and whose it is: whoever follows the last leader who is a member still."""
    following = told[-1].number + 1
    empty = 0
    for turn in reversed(told):
        if not turn.lead:
            empty += 1
            continue
        place = next((i for i, member in enumerate(members) if set(turn.lead) & set(member.people)), None)
        if place is not None:
            return following, (place + 1 + empty) % len(members)
    return following, 0


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


def handed_on(
    schedule: Schedule, rank: int, told: Iterable[PublishedTurn], now: datetime, besides: Besides = NOTHING
) -> list[PublishedTurn]:
    """The turns that have not ended and hold somebody who is no member any more, each with others in their places."""
    rotation = schedule.rotations[rank]
    binding = [turn for turn in told if turn.number in rotation.published]
    ahead = {turn.number: turn for turn in binding if handoff(rotation, turn.number + 1) > now}
    burden: Burden = defaultdict(timedelta)
    for person, spans in besides.on_call.items():
        burden[person] = sum((end - start for start, end in spans), timedelta())
    for turn in ahead.values():
        for person in (person for seat in turn.seats for person in seat):
            burden[person] += _length(rotation, turn)
    changed = []
    for number, turn in sorted(ahead.items()):
        for place, seat in enumerate(turn.seats):
            leavers = [person for person in seat if not is_member(rotation, person, number)]
            for leaver in leavers or _vacant(rotation, ahead[number]):
                taker = _taker(schedule, rank, turn, place, ahead, burden, besides)
                turn = _with(turn, place, leaver, taker)
                if taker is not None:
                    burden[taker] += _length(rotation, turn)
        if turn != ahead[number]:
            ahead[number] = turn
            changed.append(turn)
    return changed


def _length(rotation: Rotation, turn: PublishedTurn) -> timedelta:
    return handoff(rotation, turn.number + 1) - handoff(rotation, turn.number)


def _vacant(rotation: Rotation, turn: PublishedTurn) -> list[None]:
    """Of a turn that was left while there were no members to take it: one place to fill on each level."""
    was_left = turn.lead and not any(is_member(rotation, person, turn.number) for person in turn.lead)
    return [None] if was_left and not any(turn.seats) else []


def _with(turn: PublishedTurn, place: int, leaver: Person | None, taker: Person | None) -> PublishedTurn:
    stay = [taker if person == leaver else person for person in turn.seats[place] or (None,)]
    seat = tuple(dict.fromkeys(person for person in stay if person is not None))
    return replace(turn, seats=(*turn.seats[:place], seat, *turn.seats[place + 1 :]))


def _taker(
    schedule: Schedule,
    rank: int,
    turn: PublishedTurn,
    place: int,
    ahead: dict[int, PublishedTurn],
    burden: Burden,
    besides: Besides,
) -> Person | None:
    """Whoever has the least time ahead; rather not a first-timer where the rule forbids it, nor on the turn already,
    nor away or on call elsewhere then, nor on the turns before and after. None when there are no members.
    """
    rotation = schedule.rotations[rank]
    members = [person for seat in members_at(rotation, turn.number) for person in seat]
    beside = (ahead[number] for number in (turn.number - 1, turn.number + 1) if number in ahead)
    near = {person for each in beside for seat in each.seats for person in seat}
    on = {person for seat in turn.seats for person in seat}
    barred: frozenset[Person] = frozenset()
    if rotation.first_shift_level and rotation.levels[place] != rotation.first_shift_level:
        barred = experience(schedule).first_timers(rotation.first_shift_level, handoff(rotation, turn.number))
    start, end = handoff(rotation, turn.number), handoff(rotation, turn.number + 1)

    def reluctance(person: Person) -> tuple[bool, bool, bool, bool, timedelta]:
        is_hindered = besides.hinders(person, start, end)
        return person in barred, person in on, is_hindered, person in near, burden[person]

    return min(members, key=reluctance, default=None)
