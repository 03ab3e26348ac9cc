"""Pure: the fields of a body, read as Opsgenie documents them, with every fault told by the name of its field.

What only describes is clipped at the documented limit, as Opsgenie does. What says which alert is meant, and the one
sentence that is sent to people, is refused when it is too long, as there.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from oncall.errors import BadInput
from oncall.ingest.reading import BadEvent, read_object, shorten
from oncall.moments import check_near

NAMES = ("id", "name", "username")


class BadFields(BadEvent):
    """JSON, but not what is asked for. `faults` has a sentence by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__([f"'{field}' {fault}" for field, fault in faults.items()])
        self.faults = dict(faults)


class Fields:
    """Read them all, then `check`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._faults: dict[str, str] = {}

    @classmethod
    def of(cls, body: bytes) -> "Fields":
        """An empty body has no fields. Raises BadEvent for one that is no JSON object."""
        return cls(read_object(body) if body.strip() else {})

    def check(self) -> None:
        """Raises BadFields with all that is wrong."""
        if self._faults:
            raise BadFields(self._faults)

    def fault(self, name: str, sentence: str) -> None:
        self._faults.setdefault(name, sentence)

    def others(self, *known: str) -> dict[str, Any]:
        """What nobody asked for, kept under its own name."""
        return {name: value for name, value in self._values.items() if name not in known and value is not None}

    def is_given(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, most: int, *, required: bool = False, refuse: bool = False) -> str:
        """Empty where it is absent. Longer than `most`: clipped, or with `refuse` a fault."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            self.fault(name, "must be a text")
            return ""
        text = "" if value is None else str(value).strip()
        if required and not text:
            self.fault(name, "must not be empty")
        if refuse and len(text) > most:
            self.fault(name, f"must have {most} characters at most, not {len(text)}")
        return shorten(text, most)

    def choice(self, name: str, choices: Sequence[str], *, required: bool = False) -> str:
        """One of them, in any case; empty where it is absent."""
        text = self.text(name, 100, required=required)
        found = next((choice for choice in choices if choice.lower() == text.lower()), "")
        if text and not found:
            self.fault(name, f"must be one of {', '.join(choices)}")
        return found

    def flag(self, name: str, *, required: bool = False) -> bool | None:
        value = self._values.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            value = value.lower() == "true"
        if not isinstance(value, bool | None):
            self.fault(name, "must be true or false")
            return None
        if required and value is None:
            self.fault(name, "is missing: true or false")
        return value

    def whole(self, name: str, least: int, most: int, *, required: bool = False) -> int | None:
        value = self._values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        if value is None and not required:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(name, f"must be a whole number from {least} to {most}")
            return None
        return value

    def moment(self, name: str) -> datetime | None:
        """Without a zone it is UTC, as Opsgenie's own SDK sends it."""
        text = self.text(name, 100, required=True)
        try:
            moment = datetime.fromisoformat(text)
            check_near(moment, text)
        except (ValueError, BadInput):
            self.fault(name, "must be a time like 2026-01-05T10:00:00Z")
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def texts(self, name: str, most: int, longest: int, *, required: bool = False) -> list[str]:
        """The first `most` of a list."""
        value = self._values.get(name)
        items = [] if value is None else value
        if not isinstance(items, list) or not all(isinstance(item, str | int | float) for item in items):
            self.fault(name, "must be a list of texts")
            return []
        found = list(dict.fromkeys(shorten(str(item), longest) for item in items if str(item).strip()))[:most]
        if required and not found:
            self.fault(name, "must not be empty")
        return found

    def parted(self, name: str, longest: int) -> list[str]:
        """Of a query: `a,b`."""
        text = self.text(name, 10_000, required=True)
        return [shorten(part, longest) for part in text.split(",") if part.strip()]

    def table(self, name: str, *, required: bool = False) -> dict[str, Any]:
        value = self._values.get(name)
        if not isinstance(value, dict | None):
            self.fault(name, "must be an object of names and values")
            return {}
        if required and not value:
            self.fault(name, "must not be empty")
        return {key: inner for key, inner in (value or {}).items() if inner is not None}

    def named(self, name: str, *, required: bool = False) -> dict[str, str]:
        """One user, team, schedule or escalation: `{"type": …, "id" or "name" or "username": …}`."""
        value = self.table(name, required=required)
        found = _named(value)
        if (required or value) and not found:
            self.fault(name, "must have an id, name or username")
        return found

    def all_named(self, name: str, most: int) -> list[dict[str, str]]:
        """Those that are named at all: Zabbix sends one without a name where nobody has set a team."""
        value = self._values.get(name)
        items = [] if value is None else value
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            self.fault(name, "must be a list of objects with an id, name or username")
            return []
        return [found for item in items[:most] if (found := _named(item))]


def _named(value: Mapping[str, Any]) -> dict[str, str]:
    """Empty where no name says anything."""
    found = {key: str(value[key]) for key in ("type", *NAMES) if isinstance(value.get(key), str | int)}
    return found if any(found.get(key, "").strip() for key in NAMES) else {}
