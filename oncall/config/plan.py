"""Pure: what applying a file would change, said for people. Keys and addresses are shown by their last characters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any, Literal

import yaml

from oncall.config.form import Form
from oncall.config.merge import NAMED_LISTS, PARTS
from oncall.config.schema import KINDS, Config
from oncall.config.values import write_datetime, write_span
from oncall.ingest.registry import TOOLS
from schedules.compare import Move

SECRETS = frozenset({"key", "address"}).union(*(tool.secrets for tool in TOOLS.values()))
UNORDERED = {"users": {"experienced"}, "teams": {"members", "managers"}, "services": {"depends_on"}}
"""Lists whose order says nothing and is not kept."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One difference, in the file's own words. `before` None: it is added; `after` None: it is taken away."""

    field: str
    before: str | None
    after: str | None
    was: Any = None
    becomes: Any = None
    """The same as data, for those who say it in words of their own (`oncall.setup.words`); secrets are masked too."""

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.field} added: {self.after}"
        if self.after is None:
            return f"{self.field} removed: {self.before}"
        return f"{self.field} {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class Change:
    action: Literal["create", "update"]
    kind: str
    """One of the values of KINDS, such as "escalation policy"."""
    name: str
    details: tuple[Detail, ...] = ()

    def __str__(self) -> str:
        """`+ user alice`, or `~ schedule dev: …` with a line for each detail."""
        if self.action == "create":
            return f"+ {self.kind} {self.name}"
        return "\n".join(f"~ {self.kind} {self.name}: {detail}" for detail in self.details)


def difference(current: Config, merged: Config) -> list[Change]:
    """What `merged`, made by `merge` from `current`, changes: by section, in the order of the file."""
    changes = []
    for section, kind in KINDS.items():
        before: dict[str, Form] = {form.key_name: form for form in getattr(current, section)}
        for form in getattr(merged, section):
            old = before.get(form.key_name)
            if old is None:
                changes.append(Change("create", kind, form.key_name))
            elif details := tuple(_details(old, form, "", UNORDERED.get(section, set()))):
                changes.append(Change("update", kind, form.key_name, details))
    return changes


def with_consequences(
    changes: Sequence[Change], moved: Mapping[str, Sequence[Move]], joining: Mapping[str, Sequence[str]]
) -> list[Change]:
    """With what it means for people, by schedule: who loses how many published shifts, or parts, and who gains; and
    who has joined and comes on only later.
    """
    waiting = {
        name: _consequences(moved.get(name, ()), joining.get(name, ())) for name in dict.fromkeys([*moved, *joining])
    }
    told = [
        replace(change, details=(*change.details, *waiting.pop(change.name)))
        if change.kind == "schedule" and change.name in waiting
        else change
        for change in changes
    ]
    return [*told, *(Change("update", "schedule", name, details) for name, details in waiting.items())]


def _consequences(moves: Sequence[Move], joining: Sequence[str]) -> tuple[Detail, ...]:
    before, after = (_counts(getattr(move, who) for move in moves) or "nobody's" for who in ("loses", "gains"))
    shifts = [Detail("published shifts", before, after)] if moves else []
    return (*shifts, *(Detail("takes turns", None, sentence) for sentence in joining))


def _counts(people: Iterable[str | None]) -> str:
    """alice 2, bob 1."""
    counts = Counter(person for person in people if person is not None)
    return ", ".join(f"{person} {count}" for person, count in sorted(counts.items()))


def _details(old: Form, new: Form, path: str, unordered: set[str]) -> Iterator[Detail]:
    for field in type(new).model_fields:
        before, after = getattr(old, field), getattr(new, field)
        here = f"{path}.{field}".removeprefix(".")
        if field in NAMED_LISTS:
            yield from _named(before, after, here, is_ordered=field == "rotations")
        elif field in unordered:
            yield from _gone_and_come(before, after, here)
        elif before == after:
            continue
        elif field in PARTS:
            yield from _details(before, after, here, set())
        elif field != "members" and _are_forms(before) and _are_forms(after):
            yield from _listed(before, after, here)
        else:
            yield _changed(here, *(_hidden(each) if field in SECRETS else each for each in (before, after)))


def _gone_and_come(old: Sequence[str], new: Sequence[str], path: str) -> Iterator[Detail]:
    """Whole lists would hide one name among a hundred."""
    gone, come = (sorted(set(one) - set(other)) for one, other in ((old, new), (new, old)))
    if come:
        yield _added(path, come)
    if gone:
        yield _removed(path, gone)


def _named(old: Sequence[Form], new: Sequence[Form], path: str, *, is_ordered: bool) -> Iterator[Detail]:
    """Items are the same when their names are."""
    before = {form.key_name: form for form in old}
    after = {form.key_name: form for form in new}
    for name, form in after.items():
        if name in before:
            yield from _details(before[name], form, f"{path}[{name}]", set())
        else:
            yield _added(f"{path}[{name}]", form)
    for name, form in before.items():
        if name not in after:
            yield _removed(f"{path}[{name}]", form)
    if is_ordered and before.keys() == after.keys() and list(before) != list(after):
        yield _changed(f"{path}, the last of which wins:", list(before), list(after))


def _listed(old: Sequence[Form], new: Sequence[Form], path: str) -> Iterator[Detail]:
    """Items without names: by their place in lists of one length, else the same when all of them is."""
    if len(old) == len(new):
        for i, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _details(before, after, f"{path}[{i}]", set())
        return
    taken = [_removed(path, form) for form in old if form not in new]
    added = [_added(path, form) for form in new if form not in old]
    yield from [*taken, *added] or [_changed(path, old, new)]


def _are_forms(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Form) for item in value)


def _added(path: str, value: Any) -> Detail:
    return Detail(path, None, _shown(value), becomes=_data(value))


def _removed(path: str, value: Any) -> Detail:
    return Detail(path, _shown(value), None, was=_data(value))


def _changed(path: str, before: Any, after: Any) -> Detail:
    return Detail(path, _shown(before), _shown(after), _data(before), _data(after))


def _data(value: Any) -> Any:
    """As the file would have it, with its secrets masked."""
    if isinstance(value, Form):
        return _masked(value.model_dump(mode="json"))
    if isinstance(value, list):
        return [_data(item) for item in value]
    return _masked(value)


def _shown(value: Any) -> str:
    """As the file would have it, on one line."""
    if isinstance(value, Form):
        written = _data(value)
        if isinstance(written, str):
            return written
        return yaml.safe_dump(written, default_flow_style=True, sort_keys=False, allow_unicode=True, width=inf).strip()
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(item)}" for name, item in _masked(value).items()) or "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return write_span(value)
    if isinstance(value, datetime):
        return write_datetime(value)
    return "nothing" if value is None or value == "" else str(value)


def _masked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: _hidden(item) if name in SECRETS and isinstance(item, str) else _masked(item)
        for name, item in value.items()
    }


def _hidden(secret: str) -> str:
    """Enough to tell two apart, too little to use."""
    return f"…{secret[-4:]}" if len(secret) >= 12 else "…"
