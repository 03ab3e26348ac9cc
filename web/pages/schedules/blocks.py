"""What lies on a timeline's lanes: somebody's shift, a gap, an absence; and how each is drawn.

Drawn in Python and kept: a quarter has hundreds, and they are the same for whoever looks.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from oncall.setup.words import SOURCES
from schedules import types
from schedules.spans import Span
from schedules.when import clock
from web.templating import dates, day, hue_class, icon, initials

SIGNS = {"override": "layers", "swap": "repeat-2", "temporary": "calendar-days", "away": "plane"}


class Who(NamedTuple):
    user_id: int
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody's shift, or what else there is to say of [start, end), with its own start and end."""

    level: str
    kind: types.Source | Literal["gap", "nobody", "away"]
    start: datetime
    end: datetime
    who: Who | None = None
    is_first: bool = False
    away: tuple[Span, ...] = ()
    """When in it the person is away."""

    def told(self, zone: ZoneInfo) -> str:
        """All of it in words."""
        who = self.who.name if self.who else ""
        lead = {
            "gap": f"Nobody is on {self.level}",
            "nobody": f"Nobody comes on {self.level}",
            "away": f"{who} is away",
        }
        by = f", by {SOURCES[self.kind]}" if self.kind in SOURCES else ""
        first = ", for the first time" if self.is_first else ""
        away = "".join(f"; away {_from_to(*span, zone)}" for span in self.away)
        return f"{lead.get(self.kind, f'{who}, {self.level}')}, {_from_to(self.start, self.end, zone)}{by}{first}{away}"


def _from_to(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    return f"{day(start, zone)} {clock(start, zone)} to {day(end, zone)} {clock(end, zone)}"


@dataclass(frozen=True, slots=True)
class Block:
    """An entry on its lane, clipped to the window."""

    entry: Entry
    place: str
    is_past: bool

    def drawn(self, zone: ZoneInfo, *, is_list: bool) -> Markup:
        """`is_list`: with its times, for whoever can't see where it lies."""
        return _drawn(self.entry, self.place, zone, self.is_past, is_list)


@lru_cache(4_000)
def _drawn(entry: Entry, place: str, zone: ZoneInfo, is_past: bool, is_list: bool) -> Markup:
    who, kind = entry.who, entry.kind
    hue = hue_class(who.handle) if who and kind != "away" else ""
    data: dict[str, object] = {"from": int(entry.start.timestamp()), "to": int(entry.end.timestamp())}
    if who:
        data |= {"person": who.handle, "name": who.name}
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items())
    times = f'<span class="times">{dates(entry.start, entry.end, zone)}</span>' if is_list else ""
    made = (
        f'<li class="{" ".join(filter(None, ("shift", kind, place, hue, "past" if is_past else "")))}"{attributes}'
        f' title="{escape(entry.told(zone))}">{_inside(entry)}{times}</li>'
    )
    return Markup(made)  # noqa: S704 its parts are escaped


def _inside(entry: Entry) -> str:
    sign = icon(SIGNS[entry.kind]) if entry.kind in SIGNS else ""
    sprout = icon("sprout") if entry.is_first else ""
    name = entry.who.name if entry.who else entry.kind
    short = f'<i aria-hidden="true">{escape(initials(name))}</i>' if entry.who else ""
    by_hand = entry.kind if entry.kind in ("override", "swap", "temporary") else ""
    what = "first time" if entry.is_first else by_hand
    return f"{sign}{sprout}<b>{escape(name)}</b>{short}{f'<em>{what}</em>' if what else ''}"
