"""What swaps have promised, held against turns that have changed under them: whoever took a shift by a swap keeps it.

A swap puts somebody on in place of the giver, and says nothing once the giver's turn has gone to another. So whoever
has it then is relieved in place of the giver. Where nobody came on instead, nobody is needed any more, and who took it
is off.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from schedules.resolve import final_shifts
from schedules.spans import Span, clip, holes
from schedules.types import Level, Override, Person, Schedule, Shift

Held = dict[tuple[Level, Person], list[Span]]


def kept(before: Schedule, after: Schedule, start: datetime) -> list[Override]:
    """From `start` on: what gives those who had something by a swap, and would have lost it, what they took.

    Not what the change itself has given back by a swap: whoever covered for somebody out of reach is let off.
    """
    agreed = [each for each in before.overrides if each.source == "swap" and each.end > start]
    if not agreed:
        return []
    end = max(each.end for each in agreed)
    old, new = (final_shifts(plan, start, end) for plan in (before, after))
    come = _come_on(old, new)
    now_on, known = _held(new), set(before.overrides)
    for given in after.overrides:
        if given.source == "swap" and given.off and given not in known:
            now_on[given.level, given.off].append((given.start, given.end))
    return [
        override
        for shift in old
        if shift.source == "swap"
        for lost in holes(now_on[shift.level, shift.person], max(shift.start, start), shift.end)
        for override in _in_place_of(come, shift, lost)
    ]


def _in_place_of(come: Held, shift: Shift, lost: Span) -> Iterator[Override]:
    """One of them at a time, and each once only: who is relieved goes out of `come`."""
    left = [lost]
    for level, person in sorted(come):
        if level == shift.level and person != shift.person:
            relieved = [part for span in left for part in clip(come[level, person], *span)]
            come[level, person] = _without(come[level, person], relieved)
            left = _without(left, relieved)
            yield from (Override(level, shift.person, *span, off=person, source="swap") for span in relieved)


def _come_on(old: Iterable[Shift], new: Iterable[Shift]) -> Held:
    """When people are on who were not."""
    were_on, come = _held(old), defaultdict(list)
    for place, spans in _held(new).items():
        come[place] = _without(spans, were_on[place])
    return come


def _without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    known = list(others)
    return [left for span in spans for left in holes(known, *span)]


def _held(shifts: Iterable[Shift]) -> Held:
    held: Held = defaultdict(list)
    for shift in shifts:
        held[shift.level, shift.person].append((shift.start, shift.end))
    return held
