"""A leaver's published turns go to others, one at a time: which of the members takes each.

Rather than anybody else somebody who, the first of these being worth more than all that follow:

1. can be paged, if the turn begins within a week: whoever can't be is as good as nobody, but has time to add a phone;
2. is on no other level in that turn: two levels with one person are one line, so that even somebody new is better;
3. is no first-timer on a level where the rule wants somebody experienced;
4. is neither away then nor on call elsewhere;
5. has neither the turn before nor the one after;
6. has the least burden ahead (`burden.py`).

Where that leaves a first-timer as the last line, or one person on two levels, the schedule says so (`warnings` in
`resolve.py`, `conflicts.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from schedules.experience import experience
from schedules.layers import worked
from schedules.order import is_member, members_at
from schedules.published_turns import PublishedTurn
from schedules.rotation import handoff
from schedules.spans import Span, clip, length
from schedules.types import Person, Schedule

Weigh: TypeAlias = Callable[[Person, Sequence[Span]], timedelta]


def by_hours(_person: Person, spans: Sequence[Span]) -> timedelta:
    """All hours weigh the same."""
    return length(spans)


@dataclass(frozen=True)
class Besides:
    """What people have besides the turns of a rotation, from now on: spans of aware UTC."""

    on_call: Mapping[Person, Sequence[Span]] = field(default_factory=dict)
    away: Mapping[Person, Sequence[Span]] = field(default_factory=dict)
    weigh: Weigh = by_hours
    """How heavy it is for a person to be on call in spans."""
    reachable: Collection[Person] | None = None
    """Who can be paged; None is everybody."""

    def can_be_paged(self, person: Person) -> bool:
        return self.reachable is None or person in self.reachable

    def hinders(self, person: Person, start: datetime, end: datetime) -> bool:
        spans = (*self.on_call.get(person, ()), *self.away.get(person, ()))
        return bool(clip(spans, start, end))


NOTHING = Besides()
TO_ADD_A_PHONE = timedelta(days=7)
"""Whoever can't be paged has so long before it matters."""


def handed_on(
    schedule: Schedule, rank: int, told: Iterable[PublishedTurn], now: datetime, besides: Besides = NOTHING
) -> list[PublishedTurn]:
    """The turns that have not ended and hold somebody who is no member any more, each with others in their places."""
    return list(_Handing(schedule, rank, told, now, besides).changed())


class _Handing:
    """Of one rotation, as far as it has been told."""

    def __init__(
        self, schedule: Schedule, rank: int, told: Iterable[PublishedTurn], now: datetime, besides: Besides
    ) -> None:
        self._schedule, self._rotation = schedule, schedule.rotations[rank]
        self._now, self._besides = now, besides
        binding = [turn for turn in told if turn.number in self._rotation.published]
        self._ahead = {turn.number: turn for turn in binding if self._span(turn)[1] > now}

    def changed(self) -> Iterator[PublishedTurn]:
        for number, before in sorted(self._ahead.items()):
            for place, leaver in self._places_left(before):
                taker = self._taker(self._ahead[number], place)
                self._ahead[number] = _with(self._ahead[number], place, leaver, taker)
                if taker is not None:
                    self._burden[taker] += self._weight(taker, before)
            if self._ahead[number] != before:
                yield self._ahead[number]

    def _places_left(self, turn: PublishedTurn) -> list[tuple[int, Person | None]]:
        """By level, and by whom. Of a turn that was left while nobody was there to take it, one place on each level."""
        rotation = self._rotation
        was_left = turn.lead and not any(is_member(rotation, person, turn.number) for person in turn.lead)
        if was_left and not any(turn.seats):
            return [(place, None) for place in range(len(turn.seats))]
        return [
            (place, person)
            for place, seat in enumerate(turn.seats)
            for person in seat
            if not is_member(rotation, person, turn.number)
        ]

    def _taker(self, turn: PublishedTurn, place: int) -> Person | None:
        """None when there are no members."""
        start, end = self._span(turn)
        on = {person for seat in turn.seats for person in seat}
        beside = (self._ahead[number] for number in (turn.number - 1, turn.number + 1) if number in self._ahead)
        near = {person for each in beside for seat in each.seats for person in seat}
        too_new, is_soon = self._too_new(place, start), start < self._now + TO_ADD_A_PHONE

        def reluctance(person: Person) -> tuple[bool, bool, bool, bool, bool, timedelta]:
            is_lost = is_soon and not self._besides.can_be_paged(person)
            is_hindered = self._besides.hinders(person, start, end)
            return is_lost, person in on, person in too_new, is_hindered, person in near, self._burden[person]

        members = [person for seat in members_at(self._rotation, turn.number) for person in seat]
        return min(members, key=reluctance, default=None)

    def _too_new(self, place: int, at: datetime) -> frozenset[Person]:
        first = self._rotation.first_shift_level
        if first is None or self._rotation.levels[place] == first:
            return frozenset()
        return experience(self._schedule).first_timers(first, at)

    @cached_property
    def _burden(self) -> dict[Person, timedelta]:
        """Of what each has ahead, here and besides."""
        burden: dict[Person, timedelta] = defaultdict(timedelta)
        for person, spans in self._besides.on_call.items():
            burden[person] = self._besides.weigh(person, spans)
        for turn in self._ahead.values():
            for person in {person for seat in turn.seats for person in seat}:
                burden[person] += self._weight(person, turn)
        return burden

    def _weight(self, person: Person, turn: PublishedTurn) -> timedelta:
        start, end = self._span(turn)
        return self._besides.weigh(person, worked(self._rotation, max(start, self._now), end))

    def _span(self, turn: PublishedTurn) -> Span:
        return handoff(self._rotation, turn.number), handoff(self._rotation, turn.number + 1)


def _with(turn: PublishedTurn, place: int, leaver: Person | None, taker: Person | None) -> PublishedTurn:
    stay = [taker if person == leaver else person for person in turn.seats[place] or (None,)]
    seat = tuple(dict.fromkeys(person for person in stay if person is not None))
    return replace(turn, seats=(*turn.seats[:place], seat, *turn.seats[place + 1 :]))
