"""The first-timer rule: somebody new is never the last line.

While a rotation has anybody experienced, its first-timers go on its `first_shift_level` and on no other level. The
rule starts from the order of turns and moves only the people it must. People who have a turn together are as
experienced as the most experienced of them.
"""

from schedules.order import members_at, seats
from schedules.types import Person, Rotation, Seat


def placed(rotation: Rotation, turn: int, first_timers: frozenset[Person]) -> tuple[Seat, ...]:
    """Who is on each of the rotation's levels in the turn, before overrides, given who is new when it begins."""
    by_order = seats(rotation, turn)
    if rotation.first_shift_level is None or not first_timers:
        return by_order
    if not any(_is_seasoned(seat, first_timers) for seat in members_at(rotation, turn)):
        return by_order
    on = list(by_order)
    first = rotation.levels.index(rotation.first_shift_level)
    for level, seat in enumerate(by_order):
        if level == first or not _is_new(seat, first_timers):
            continue
        if not on[first] or _is_new(on[first], first_timers):
            on[level] = _stand_in(rotation, turn, seat, on, first_timers)
        else:
            on[first], on[level] = seat, on[first]
    return tuple(on)


def alone(rotation: Rotation, on: tuple[Seat, ...], first_timers: frozenset[Person]) -> bool:
    """Whether first-timers are on a level with nobody experienced to give it to."""
    further = (seat for level, seat in zip(rotation.levels, on, strict=True) if level != rotation.first_shift_level)
    return rotation.first_shift_level is not None and any(_is_new(seat, first_timers) for seat in further)


def _is_new(seat: Seat, first_timers: frozenset[Person]) -> bool:
    return bool(seat) and first_timers.issuperset(seat)


def _is_seasoned(seat: Seat, first_timers: frozenset[Person]) -> bool:
    return not first_timers.issuperset(seat)


def _stand_in(rotation: Rotation, turn: int, displaced: Seat, on: list[Seat], first_timers: frozenset[Person]) -> Seat:
    """The next experienced member after the displaced one.

    Rather one who isn't on this turn already, then rather one whom the turns before and after leave free. With fewer
    people than levels somebody has to be on two.
    """
    order = members_at(rotation, turn)
    place = order.index(displaced)
    after = order[place + 1 :] + order[:place]
    near = {*seats(rotation, turn + 1), *(seats(rotation, turn - 1) if turn else ())}
    able = [seat for seat in after if _is_seasoned(seat, first_timers)]
    return min(able, key=lambda seat: (seat in on, seat in near))
