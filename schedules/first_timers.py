"""The first-timer rule: somebody new is never the last line.

While a rotation has anybody experienced, its first-timers go on its `first_shift_level` and on no other level. The
rule starts from the base assignment and moves only the people it must.
"""

from schedules.rotation import base_people
from schedules.types import Person, Rotation


def placed(rotation: Rotation, turn: int, first_timers: frozenset[Person]) -> tuple[Person, ...]:
    """Who is on each of the rotation's levels in the turn, before overrides, given who is new when it begins."""
    base = base_people(rotation, turn)
    if rotation.first_shift_level is None or first_timers.issuperset(rotation.members):
        return base
    people = list(base)
    first = rotation.levels.index(rotation.first_shift_level)
    for level, person in enumerate(base):
        if level == first or person not in first_timers:
            continue
        if people[first] in first_timers:
            people[level] = _stand_in(rotation, turn, person, people, first_timers)
        else:
            people[first], people[level] = person, people[first]
    return tuple(people)


def alone(rotation: Rotation, people: tuple[Person, ...], first_timers: frozenset[Person]) -> bool:
    """Whether a first-timer is on a level with nobody experienced to give it to."""
    further = (
        person for level, person in zip(rotation.levels, people, strict=True) if level != rotation.first_shift_level
    )
    return rotation.first_shift_level is not None and not first_timers.isdisjoint(further)


def _stand_in(
    rotation: Rotation, turn: int, displaced: Person, people: list[Person], first_timers: frozenset[Person]
) -> Person:
    """The next experienced member after the displaced one.

    Rather one who isn't on this turn already, then rather one whom the turns before and after leave free. With fewer
    people than levels somebody has to be on two.
    """
    place = rotation.members.index(displaced)
    after = rotation.members[place + 1 :] + rotation.members[:place]
    near = {*base_people(rotation, turn + 1), *(base_people(rotation, turn - 1) if turn else ())}
    able = [person for person in after if person not in first_timers]
    return min(able, key=lambda person: (person in people, person in near))
