"""Pure: what is set up, in words: how pages, the log of changes and whoever edits at the same time have it.

The config file and the tables call things as they need to; nobody who reads a page has to know how.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from oncall.config.plan import Change, Detail
from oncall.config.values import write_span
from oncall.escalation.target_text import Target
from schedules.recurrence_words import in_words
from schedules.when import name_of

FIELDS = {
    "acknowledge_timeout": "time to resolve",
    "acknowledgements": "must acknowledge",
    "auto_resolve": "resolves by itself after",
    "covers": "somebody is on call at",
    "depends_on": "needs",
    "ends_at": "until",
    "every": "expected every",
    "experienced": "has been on call before for",
    "first_shift_level": "first shifts are on",
    "flapping": "comes and goes",
    "grace": "may be late by",
    "grouping": "one alert",
    "horizon": "published ahead",
    "is_manager": "manages it",
    "is_member": "is in it",
    "level_offset": "turns between levels",
    "member_rule": "members",
    "not_in": "in none of",
    "outside": "outside of them",
    "pages_critical": "pages if critical",
    "reopen_within": "opens again within",
    "repeat": "how often it begins again",
    "rest": "rest between shifts",
    "round_robin": "only one, in turn",
    "slack_usergroups": "Slack user groups",
    "starts_at": "from",
    "stays": "pages again if open for",
    "support_hours": "support hours",
    "timezone": "time zone",
}
"""What is more than its name with spaces for underscores."""
KINDS = {"replace": "takes over", "add": "joins", "remove": "nobody comes on"}
"""Of an override."""
SOURCES = {"override": "an override", "swap": "a swap", "temporary": "a temporary schedule"}
"""What a shift is by, when it is not by a rotation."""
UNITS = {"seconds": timedelta(seconds=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
URGENCIES = {"high": "urgent", "low": "can wait", "severity": "as severe as it is"}
VALUES: Mapping[str, Mapping[str, str]] = dict.fromkeys(("urgency", "during", "outside"), URGENCIES) | {"kind": KINDS}
TARGETS = frozenset({"page", "fallback"})
NOTHING = "nothing"

BETWEEN = re.compile(r"\.(?![^\[]*\])")
"""A dot that is in no name: `rotations[v1.2].shift`."""
WALL_CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
MOMENT = re.compile(r"\b\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d UTC\b")
"""As `_moment` writes it."""
ITEM = re.compile(r"(\w+?)s?\[([^\]]*)\]")


def target(text: str) -> str:
    """As it is written, where it is none."""
    try:
        return str(Target.parse(text))
    except ValueError:
        return text


def field(name: str) -> str:
    """Of a column or of the config file: `quiet_hours`, `steps[1].wait`."""
    return ", ".join(_part(part) for part in BETWEEN.split(name.removesuffix(":")))


def _part(name: str) -> str:
    """`steps[0]` is step 1, since people count from 1; `rotations[developers]` is rotation developers."""
    if item := ITEM.fullmatch(name):
        key = str(int(item[2]) + 1) if item[2].isdecimal() else item[2]
        return f"{_plain(item[1])} {key}"
    plain, unit = _without_unit(name)
    return FIELDS.get(plain, _plain(plain if unit else name))


def _plain(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def _without_unit(name: str) -> tuple[str, timedelta | None]:
    """`wait_seconds` is a wait, and how long one of its units is; `quiet_hours` are no number of hours."""
    plain, _, unit = name.rpartition("_")
    is_length = unit in UNITS and plain not in {"", "quiet", "support"}
    return (plain, UNITS[unit]) if is_length else (name, None)


def value(name: str, worth: Any) -> str:
    """Of the field or column of that name."""
    name = BETWEEN.split(name)[-1].partition("[")[0]
    if worth is None or worth in ("", [], {}):
        return NOTHING
    if isinstance(worth, bool):
        return "yes" if worth else "no"
    if isinstance(worth, Mapping):
        return ", ".join(f"{field(key)} {value(key, each)}" for key, each in worth.items())
    if isinstance(worth, Sequence) and not isinstance(worth, str):
        return ("; " if isinstance(worth[0], Mapping) else ", ").join(value(name, each) for each in worth)
    return _one(name, worth)


def _one(name: str, worth: Any) -> str:
    unit = _without_unit(name)[1]
    if unit and isinstance(worth, int):
        return f"{worth} days" if unit == UNITS["days"] else write_span(worth * unit)
    if isinstance(worth, timedelta):
        return write_span(worth)
    if isinstance(worth, datetime):
        return _moment(worth)
    text = str(worth.value if isinstance(worth, Enum) else worth)
    if WALL_CLOCK.fullmatch(text):
        return _moment(datetime.fromisoformat(text))
    if name == "repeats":
        return in_words(text)
    return target(text) if name in TARGETS else VALUES.get(name, {}).get(text, text)


def _moment(at: datetime) -> str:
    """A wall clock has no zone to be named."""
    return f"{at.day} {at:%b %Y %H:%M} {at:%Z}".rstrip()


def on_clock(text: str, zone: ZoneInfo) -> str:
    """What `value` has said, with its moments on the clock of whoever reads it."""

    def told(found: re.Match[str]) -> str:
        at = datetime.strptime(found[0], "%d %b %Y %H:%M UTC").replace(tzinfo=UTC).astimezone(zone)
        return f"{at.day} {at:%b %Y %H:%M} {name_of(at, zone)}"

    return MOMENT.sub(told, text)


def change(detail: Detail) -> str:
    """`step 1, wait: 5m → 7m`; without what was or becomes, that it was added or removed."""
    name = field(detail.field)
    before, after = (
        text if worth is None or text is None else value(detail.field, worth)
        for text, worth in ((detail.before, detail.was), (detail.after, detail.becomes))
    )
    if before is None or after is None:
        return f"{name} {'added' if before is None else 'removed'}: {after if before is None else before}"
    return f"{name}: {before} → {after}"


def changes(found: Sequence[Change]) -> list[str]:
    return [change(detail) for each in found for detail in each.details]
