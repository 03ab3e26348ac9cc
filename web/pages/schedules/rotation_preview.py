"""What an edit of rotations would change, as pictures of before and after, and who gains and who loses."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oncall.planning.rotation_edits import Outcome, agreement
from schedules import types
from schedules.compare import Move
from schedules.resolve import final_shifts
from web.pages.schedules.around import around
from web.pages.schedules.blocks import Who
from web.pages.schedules.lanes import Around, Chart, draw, marks
from web.pages.schedules.timeline import View, Window

DAYS = 28
"""Of the pictures, from the first change on."""


@dataclass(frozen=True, slots=True)
class Share:
    """Of one person, as far as it was looked ahead."""

    who: Who
    gains: timedelta
    loses: timedelta


@dataclass(frozen=True, slots=True)
class Preview:
    token: str
    """Stands for just this having been looked at."""
    outcome: Outcome
    moves: list[Move]
    window: Window
    before: Chart
    after: Chart
    marks: Mapping[str, list[str]]
    """By level, the places where it changes hands."""
    shares: list[Share]

    @property
    def agreement(self) -> str:
        return agreement(self.outcome.harm)


def preview(session: Session, token: str, outcome: Outcome, now: datetime, zone: ZoneInfo) -> Preview:
    found = outcome.moves(now)
    first = found[0].start if found else now
    window = Window(first.astimezone(zone).date(), DAYS, zone)
    known = around(session, (), window)
    before, after = (_chart(plan, known, window, now) for plan in (outcome.before, outcome.after))
    return Preview(token, outcome, found, window, before, after, marks(found, window), _shares(found, known))


def _chart(plan: types.Schedule, known: Around, window: Window, now: datetime) -> Chart:
    return draw(plan, final_shifts(plan, window.start, window.end), known, View.MONTH, window, now)


def _shares(found: Iterable[Move], known: Around) -> list[Share]:
    """Those for whom most changes come first."""
    gains: dict[str | None, timedelta] = defaultdict(timedelta)
    loses: dict[str | None, timedelta] = defaultdict(timedelta)
    for move in found:
        gains[move.gains] += move.end - move.start
        loses[move.loses] += move.end - move.start
    touched = [who for handle, who in known.people.items() if handle in gains or handle in loses]
    shares = [Share(who, gains[who.handle], loses[who.handle]) for who in touched]
    return sorted(shares, key=lambda share: max(share.gains, share.loses), reverse=True)
