"""Whose turn it is: members in their order, before the first-timer rule and overrides.

Members come and go at the dates they have, each time the order goes on from whoever follows the last one. A stretch of
turns between two such changes is an era; within one, turn after turn is simple counting. Turns that were over before
anybody was told of one are counted from the start, without newcomers: who joins must not get a past they never had.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from schedules.rotation import local_handoff
from schedules.types import Member, Person, Rotation, Seat


class _Era(NamedTuple):
    """Turns that the same members take."""

    began: int  # its first turn
    places: tuple[int, ...]  # in the rotation's members
    lead: int  # whose the first turn is, in `places`


def seats(rotation: Rotation, turn: int) -> tuple[Seat, ...]:
    """Who is on each of the rotation's levels in the turn; () while it has no members.

    Members take turns on the first level; each further level is `level_offset` members on, by default
    members // levels, which keeps people off two levels at once, or one right after the other, where it can.
    """
    rotation = _as_it_was(rotation, turn)
    era = _era(rotation, turn)
    count = len(era.places)
    if not count:
        return ()
    step = count // len(rotation.levels) if rotation.level_offset is None else rotation.level_offset
    first = turn - era.began + era.lead
    return tuple(rotation.members[era.places[(first + j * step) % count]].people for j in range(len(rotation.levels)))


def members_at(rotation: Rotation, turn: int) -> list[Seat]:
    """Those who take turns when this one begins, in order."""
    rotation = _as_it_was(rotation, turn)
    return [rotation.members[place].people for place in _places(rotation, turn)]


def is_member(rotation: Rotation, person: Person, turn: int) -> bool:
    return any(person in seat for seat in members_at(rotation, turn))


def places_of(rotation: Rotation, seat: Seat, turn: int) -> list[int]:
    """Where in the rotation's members those who had the turn may be: who is there twice has a place for each stay."""
    places, then, having = range(len(rotation.members)), set(_places(rotation, turn)), set(seat)
    same = [place for place in places if having == set(rotation.members[place].people)]
    some = [place for place in places if having & set(rotation.members[place].people)]
    found = ([place for place in theirs if place in then] for theirs in (same, some))
    return next(filter(None, found), (same or some)[:1])


def place_by_count(rotation: Rotation, turn: int) -> int | None:
    """Whose turn it is, as their place in the rotation's members; None while it has no members."""
    era = _era(rotation, turn)
    return _place(era, turn) if era.places else None


def people(rotation: Rotation) -> list[Person]:
    """Everybody who ever takes turns, in order, once each."""
    return list(dict.fromkeys(person for member in rotation.members for person in member.people))


def _as_it_was(rotation: Rotation, turn: int) -> Rotation:
    return _untold(rotation) if turn < rotation.told_from else rotation


@lru_cache(maxsize=1024)
def _untold(rotation: Rotation) -> Rotation:
    """As it was before anything was told."""
    left = (
        member._replace(people=tuple(person for person in member.people if person not in rotation.newcomers))
        for member in rotation.members
        if not member.people or not rotation.newcomers.issuperset(member.people)
    )
    return replace(rotation, members=tuple(left), published={}, epoch=(0, 0), told_from=0)


def _place(era: _Era, turn: int) -> int:
    return era.places[(turn - era.began + era.lead) % len(era.places)]


def _era(rotation: Rotation, turn: int) -> _Era:
    eras = _eras(rotation)
    return eras[max(0, bisect_right(eras, turn, key=lambda era: era.began) - 1)] if len(eras) > 1 else eras[0]


@lru_cache(maxsize=4096)
def _eras(rotation: Rotation) -> list[_Era]:
    """At least one, by their first turns. Turns before the first era are counted back from it."""
    began, place = rotation.epoch
    changes = {edge for stay in _stays(rotation) for edge in stay if edge is not None and edge > began}
    eras: list[_Era] = []
    for turn in (began, *sorted(changes)):
        if eras and eras[-1].places:
            place = _place(eras[-1], turn - 1) + 1
        places = _places(rotation, turn)
        lead = next((i for i, each in enumerate(places) if each >= place), 0)
        eras.append(_Era(turn, places, lead))
    return eras


def _places(rotation: Rotation, turn: int) -> tuple[int, ...]:
    """Of those who take turns when this one begins, in the rotation's members."""
    stays = enumerate(_stays(rotation))
    return tuple(place for place, (joins, leaves) in stays if joins <= turn and (leaves is None or turn < leaves))


@lru_cache(maxsize=4096)
def _stays(rotation: Rotation) -> tuple[tuple[int, int | None], ...]:
    return tuple(_stay(rotation, member) for member in rotation.members)


def _stay(rotation: Rotation, member: Member) -> tuple[int, int | None]:
    """The first turn that begins after the member joins, and the first that ends after the member leaves."""
    joins, leaves = member.joins, member.leaves
    return (
        _first(rotation, lambda handoff: handoff >= joins) if joins else -1,
        max(0, _first(rotation, lambda handoff: handoff > leaves) - 1) if leaves else None,
    )


def _first(rotation: Rotation, is_past: Callable[[datetime], bool]) -> int:
    """The first turn whose handoff, on the wall clock, is past some time."""

    def begins_past(turn: int) -> bool:
        return is_past(local_handoff(rotation.start, rotation.shift, rotation.skip, turn))

    most = 1
    while not begins_past(most):
        most *= 2
    return bisect_right(range(most + 1), False, key=begins_past)
