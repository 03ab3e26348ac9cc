"""Who is on call, in a line: for the channel's topic and for `!oncall`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.models import Schedule
from oncall.rota.coverage import OnCall, on_call
from oncall.rota.when import moment

BETWEEN = " | "
THEIRS = "||"
"""What people write behind it is theirs."""
ALL = "*"


def named(session: Session, setting: str) -> list[Schedule]:
    """The schedules that a setting names, in its order; with `*` all of them."""
    found = {row.name: row for row in session.exec(select(Schedule).order_by(col(Schedule.name)))}
    if setting.strip() == ALL:
        return list(found.values())
    return [found[name] for name in (word.strip() for word in setting.split(",")) if name in found]


def line(session: Session, schedules: Iterable[Schedule], now: datetime) -> str:
    """`dev: alice (L1) bob (L2) until Thu 26 Nov 10:00 EST | ops: nobody (L1)`: the same from handoff to handoff."""
    return BETWEEN.join(_one(schedule, on_call(session, schedule, now)) for schedule in schedules)


def _one(schedule: Schedule, levels: dict[str, list[OnCall]]) -> str:
    people = [f"{_names(on)} ({level})" for level, on in levels.items()]
    ends = [shift.end for on in levels.values() for shift in on]
    until = f" until {moment(min(ends), ZoneInfo(schedule.timezone))}" if ends else ""
    return f"{schedule.name}: {' '.join(people)}{until}"


def _names(on: Sequence[OnCall]) -> str:
    return " and ".join(shift.handle for shift in on) or "nobody"


def topic(ours: str, current: str, most: int) -> str:
    """Pure: the whole topic, of at most so many bytes: what is ours gives way to what people wrote."""
    before, separator, theirs = current.partition(THEIRS)
    tail = f" {THEIRS} {(theirs if separator else before).strip()}".rstrip()
    room = most - len(tail.encode())
    if len(ours.encode()) > room:
        ours = ours.encode()[: max(0, room - 3)].decode("utf-8", "ignore").rstrip() + "…"
    return (ours + tail).encode()[:most].decode("utf-8", "ignore").strip()
