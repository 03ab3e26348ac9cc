"""Pure: what gets worse from one picture of the schedules to the next, a sentence for each thing."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oncall.rota.when import moment
from schedules.conflicts import place_of
from schedules.last_line import first_timers_alone
from schedules.resolve import covered_hours
from schedules.spans import Span, intersect
from schedules.swaps import Piece
from schedules.types import Person, Schedule, Shift
from schedules.worse import Picture, deserted, overbooked, unpaged, unrested


@dataclass(frozen=True, slots=True)
class Look:
    """Where it is looked for: in [start, end), and for people who can't be paged until `told_until`."""

    start: datetime
    end: datetime
    told_until: datetime
    named: Collection[Person] = ()
    """Put on call by hand: told to be out of reach even where nobody was in reach before, and to be too new for it."""
    goes_on: bool = False
    """What is so at the end may be so after it."""
    told_in: ZoneInfo | None = None
    """On whose clock times are told; else on each schedule's."""

    def moment(self, pair: "Pair", at: datetime) -> str:
        return moment(at, self.told_in or pair.plan.zone)

    def lasting(self, pair: "Pair", span: Span) -> str:
        goes_on = self.goes_on and span[1] == self.end
        return f"from {self.moment(pair, span[0])} {'on' if goes_on else f'to {self.moment(pair, span[1])}'}"


@dataclass(frozen=True, slots=True)
class Pair:
    """A schedule as it would be, and what it gives before the change and after it."""

    plan: Schedule
    rest_hours: int
    before: Picture
    after: Picture

    @property
    def may_lose(self) -> bool:
        """Whether there is anything to compare."""
        is_same = self.before.shifts == self.after.shifts
        return not is_same or not set(self.before.reachable) <= set(self.after.reachable)


class _Finding(NamedTuple):
    """One occurrence. Of those that are `like` each other the first is told, and how many more there are."""

    like: Hashable
    sentence: str


def harm(pairs: Sequence[Pair], elsewhere: Sequence[Shift], names: Mapping[Person, str], look: Look) -> list[str]:
    """`elsewhere` are shifts on schedules that are not among the pairs, and don't change."""
    found = [finding for pair in pairs if pair.may_lose for finding in _pages_lost(pair, names, look)]
    found += [finding for pair in pairs for finding in _too_new(pair, names, look)]
    shifts = [shift for pair in pairs for shift in {*pair.before.shifts} ^ {*pair.after.shifts}]
    touched = {shift.person for shift in shifts}
    if touched:
        before, after = (
            [shift for shift in each if shift.person in touched]
            for each in (
                [*elsewhere, *(shift for pair in pairs for shift in pair.before.shifts)],
                [*elsewhere, *(shift for pair in pairs for shift in pair.after.shifts)],
            )
        )
        of = {pair.plan.name: pair for pair in pairs}
        found += [*_overbooked(of, before, after, names, look), *_unrested(of, before, after, names, look)]
    alike: dict[Hashable, list[str]] = defaultdict(list)
    for finding in found:
        alike[finding.like].append(finding.sentence)
    return [_told(sentences) for sentences in alike.values()]


def _told(sentences: list[str]) -> str:
    more = len(sentences) - 1
    again = {0: "", 1: ", and once more"}.get(more, f", and {more} times more")
    return f"{sentences[0]}{again}."


def _pages_lost(pair: Pair, names: Mapping[Person, str], look: Look) -> Iterator[_Finding]:
    meant = covered_hours(pair.plan, look.start, look.end)
    for level in pair.plan.levels:
        place = f"{pair.plan.name} {level}"
        for span in intersect(deserted(pair.before, pair.after, level, look.start, look.end), meant):
            yield _Finding((place,), f"Nobody would be on {place} {look.lasting(pair, span)}")
        found = unpaged(pair.before, pair.after, level, look.start, min(look.end, look.told_until), look.named)
        for person, spans in found.items():
            what = f"{names[person]} has no verified contact method and could not be paged on {place}"
            for span in intersect(spans, meant):
                yield _Finding((place, person), f"{what} {look.lasting(pair, span)}")


def _too_new(pair: Pair, names: Mapping[Person, str], look: Look) -> Iterator[_Finding]:
    """Turns are not looked at: a rotation keeps newcomers from them, or warns where it can't."""
    for shift in {*pair.after.shifts} - {*pair.before.shifts}:
        start, end = max(shift.start, look.start), min(shift.end, look.end)
        if shift.person in look.named and start < end:
            piece = Piece(shift.schedule, shift.level, giver="", taker=shift.person, start=start, end=end)
            for said in first_timers_alone(pair.plan, piece, pair.before.shifts, pair.after.shifts):
                what = f"{names[shift.person]}, who would be on {piece.where} {look.lasting(pair, (start, end))}"
                yield _Finding((shift.person, place_of(shift)), f"{what}, {said}")


def _overbooked(
    of: Mapping[str, Pair], before: Sequence[Shift], after: Sequence[Shift], names: Mapping[Person, str], look: Look
) -> Iterator[_Finding]:
    for booking in overbooked(before, after):
        if booking.end <= look.start:
            continue
        both = booking.first, booking.second
        pair = next(of[shift.schedule] for shift in both if shift.schedule in of)
        first, second = (f"{shift.schedule} {shift.level}" for shift in both)
        what = f"{names[booking.first.person]} would be on {first} and {second} at once"
        like = booking.first.person, frozenset(map(place_of, both))
        yield _Finding(like, f"{what} {look.lasting(pair, (booking.start, booking.end))}")


def _unrested(
    of: Mapping[str, Pair], before: Sequence[Shift], after: Sequence[Shift], names: Mapping[Person, str], look: Look
) -> Iterator[_Finding]:
    """By the rule of the later shift's schedule, or else of the earlier one's. Nobody rests any more in the past."""
    for least in {pair.rest_hours for pair in of.values()}:
        for rest in unrested(before, after, timedelta(hours=least)):
            pair = next(of[shift.schedule] for shift in (rest.after, rest.before) if shift.schedule in of)
            if pair.rest_hours == least and rest.after.start >= look.start:
                what = f"{names[rest.after.person]} would have less than {least} h of rest before"
                like = rest.after.person, place_of(rest.before), place_of(rest.after)
                yield _Finding(like, f"{what} {look.moment(pair, rest.after.start)}")
