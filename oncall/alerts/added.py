"""Pure: what a sender's tools add to an alert after it was sent, and take away, beside what its events bring."""

from collections.abc import Iterable, Mapping
from typing import Any


def with_added(details: Mapping[str, Any], added: Mapping[str, Any] | None) -> dict[str, Any]:
    """The details as they are shown: lists joined, tables merged, what was added later on top."""
    shown = dict(details)
    for name, more in (added or {}).items():
        shown[name] = _joined(shown.get(name), more)
    return shown


def add(added: Mapping[str, Any] | None, name: str, more: Any) -> dict[str, Any]:
    return with_added(added or {}, {name: more})


def without(found: Mapping[str, Any] | None, name: str, gone: Iterable[str]) -> dict[str, Any]:
    """Details, or what was added to them, without those items of one of its lists or tables."""
    left, unwanted = dict(found or {}), set(gone)
    items = left.get(name)
    if isinstance(items, Mapping):
        left[name] = {key: value for key, value in items.items() if key not in unwanted}
    elif isinstance(items, list):
        left[name] = [item for item in items if item not in unwanted]
    if not left.get(name):
        left.pop(name, None)
    return left


def _joined(before: Any, more: Any) -> Any:
    if isinstance(before, Mapping) and isinstance(more, Mapping):
        return {**before, **more}
    if isinstance(before, list) and isinstance(more, list):
        return [*before, *(item for item in more if item not in before)]
    return more
