"""Pure: a rotation as the fields of a form, and back. Members are hidden fields, each as the config file has it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from oncall.config.schema import MemberForm, MemberRule, RotationForm
from oncall.config.values import write_datetime
from oncall.errors import BadInput
from web.pages.typed import as_list

RULE = ("tagged", "not_in", "team")
TEXTS = ("name", "shift", "day", "time", "hours", "until", "timezone", "first_shift_level", "level_offset", *RULE)
LISTS = ("members", "levels", "skip")
NOBODY = "[]"
"""A turn that is meant to be empty."""


@dataclass(frozen=True, slots=True)
class Fields:
    """As typed. `members`: JSON, in the order of their turns, where they are listed and not ruled."""

    is_ruled: bool
    texts: Mapping[str, str]
    members: Sequence[str]
    levels: Sequence[str]
    skip: Sequence[str]

    def data(self, name: str) -> dict[str, Any]:
        """As a config file has it. Raises BadInput for members that no page of ours has offered."""
        texts = self.texts
        members: Any = (
            {field: as_list(texts[field]) for field in RULE} if self.is_ruled else list(map(read_json, self.members))
        )
        optional = {
            field: texts[field] or None for field in ("hours", "until", "timezone", "first_shift_level", "level_offset")
        }
        return optional | {
            "name": name,
            "members": members,
            "shift": as_list(texts["shift"]),
            "start": f"{texts['day']}T{texts['time']}",
            "levels": list(self.levels),
            "skip": list(self.skip),
        }

    def moved(self, place: int, by: int) -> "Fields":
        """With the member at `place` so many turns later."""
        members = list(self.members)
        if 0 <= place < len(members):
            members.insert(min(max(place + by, 0), len(members)), members.pop(place))
        return replace(self, members=members)

    def without(self, place: int) -> "Fields":
        return replace(self, members=[each for number, each in enumerate(self.members) if number != place])

    def with_member(self, handle: str) -> "Fields":
        """`handle` may be NOBODY, or empty where nothing was chosen."""
        newcomer = [NOBODY if handle == NOBODY else json.dumps(handle)] if handle else []
        return replace(self, members=[*self.members, *newcomer])


def of_rotation(form: RotationForm) -> Fields:
    written = form.model_dump(mode="json")
    is_ruled = isinstance(form.members, MemberRule)
    rule = {field: ", ".join(getattr(form.members, field, [])) for field in RULE}
    texts = {
        "name": form.name,
        "shift": ", ".join(form.shift),
        "day": f"{form.start:%Y-%m-%d}",
        "time": write_datetime(form.start).partition("T")[2],
        "hours": form.hours or "",
        "until": write_datetime(form.until) if form.until else "",
        "timezone": form.timezone or "",
        "first_shift_level": form.first_shift_level or "",
        "level_offset": "" if form.level_offset is None else str(form.level_offset),
    }
    members = [] if is_ruled else [json.dumps(each) for each in written.get("members", [])]
    return Fields(is_ruled, texts | rule, members, form.levels, form.skip)


def beginning(start: datetime, *, is_ruled: bool) -> Fields:
    """Of a new rotation, to be filled in."""
    begin = {"shift": "1 week", "day": f"{start:%Y-%m-%d}", "time": f"{start:%H:%M}"}
    return Fields(is_ruled, dict.fromkeys(TEXTS, "") | begin, [], [], [])


def of_form(sent: FormData) -> Fields:
    texts = {field: str(sent.get(field, "")).strip() for field in TEXTS}
    members, levels, skip = ([str(value) for value in sent.getlist(field)] for field in LISTS)
    return Fields(sent.get("ruled") == "1", texts, members, levels, skip)


def label(member: str, names: Mapping[str, str]) -> str:
    """Of one place in the order of turns."""
    try:
        form = MemberForm.model_validate(read_json(member))
    except (BadInput, ValidationError):
        return member
    people = " and ".join(names.get(handle, handle) for handle in form.user) or "Nobody: an empty turn"
    times = [f"{word} {_day(at)}" for word, at in (("from", form.joins), ("until", form.leaves)) if at]
    return ", ".join([people, *times])


def read_json(text: str) -> Any:
    """Of a field that people don't type into. Raises BadInput."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput("The form is not one of ours any more: open it again.") from None


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"
