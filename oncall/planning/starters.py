"""Schedules to begin with, for a team that has none: each is a config like any other, to be changed later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from oncall.config.schema import MemberForm, RotationForm, ScheduleForm

HANDOFF = time(10)
"""When most people are at work."""
DAYTIME = "08:00-20:00"
OFFICE = "Mon-Fri 09:00-17:00"


@dataclass(frozen=True, slots=True)
class Newcomer:
    handle: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a starter is made for. The team has at least one member; `today` is the day in `timezone`."""

    team: str
    timezone: str
    members: Sequence[Newcomer]
    today: date

    @property
    def handles(self) -> list[str]:
        return [each.handle for each in self.members]

    @property
    def start(self) -> datetime:
        """Yesterday, so that somebody is on call at once."""
        return datetime.combine(self.today - timedelta(days=1), HANDOFF)

    @property
    def monday(self) -> datetime:
        """The last one that is over."""
        return datetime.combine(self.today - timedelta(days=self.today.weekday() or 7), HANDOFF)

    def schedule(self, rotations: list[RotationForm], levels: list[str]) -> ScheduleForm:
        return ScheduleForm(name=self.team, team=self.team, timezone=self.timezone, levels=levels, rotations=rotations)


@dataclass(frozen=True, slots=True)
class Starter:
    title: str
    said: str
    make: Callable[[Beginning], ScheduleForm]


def _three_days(new: Beginning) -> ScheduleForm:
    """One person alone can't be their own second."""
    levels = ["L1", "L2"] if len(new.members) > 1 else ["L1"]
    return new.schedule([_turns("everybody", new.handles, new.start, "3 days", first_shift_level="L1")], levels)


def _follow_the_sun(new: Beginning) -> ScheduleForm:
    """Whoever has day goes over whoever has turns around the clock: no hour is without somebody.

    A second level would at times be the same person: those of a zone and those around the clock are not in step.
    """
    zones = list(dict.fromkeys(each.timezone for each in new.members))
    days = [
        _weekly(new, f"day in {zone.rpartition('/')[2].replace('_', ' ')}", here, timezone=zone, hours=DAYTIME)
        for zone in zones
        if (here := [each.handle for each in new.members if each.timezone == zone])
    ]
    return new.schedule([_weekly(new, "when nobody has day", new.handles), *days], ["L1"])


def _hours_and_nights(new: Beginning) -> ScheduleForm:
    """The order of the one is the other's, half a round on: nobody has both in one week, where there are two people."""
    half = len(new.handles) // 2
    shifted = new.handles[half:] + new.handles[:half]
    return new.schedule(
        [_weekly(new, "nights and weekends", new.handles), _weekly(new, "business hours", shifted, hours=OFFICE)],
        ["L1"],
    )


def _weekly(new: Beginning, name: str, handles: Sequence[str], **others: str) -> RotationForm:
    return _turns(name, handles, new.monday, "1 week", **others)


def _turns(name: str, handles: Sequence[str], start: datetime, shift: str, **others: str) -> RotationForm:
    members = [MemberForm(user=[handle]) for handle in handles]
    return RotationForm(name=name, members=members, start=start, shift=[shift], **others)


STARTERS: dict[str, Starter] = {
    "three-days": Starter(
        "Three days each",
        "Everybody takes turns of three days; with two or more people there is a second, who is paged when "
        "the first does not answer.",
        _three_days,
    ),
    "follow-the-sun": Starter(
        "Follow the sun",
        f"Each takes weekly turns in their own day, {DAYTIME.replace('-', ' to ')}. For people in several time zones: "
        "what is nobody's day is shared by all.",
        _follow_the_sun,
    ),
    "hours-and-nights": Starter(
        "Business hours and nights",
        "One person a week has business hours, another the nights and the weekend.",
        _hours_and_nights,
    ),
}
