"""Pure: our severities, numbers and times in Opsgenie's words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from oncall.models.alert import Severity

SEVERITIES = {
    "P1": Severity.CRITICAL,
    "P2": Severity.ERROR,
    "P3": Severity.ERROR,
    "P4": Severity.WARNING,
    "P5": Severity.INFO,
}
USUAL = "P3"
"""Of an alert that says none."""
PRIORITIES = {
    Severity.CRITICAL: "P1",
    Severity.ERROR: "P3",
    Severity.WARNING: "P4",
    Severity.INFO: "P5",
}
LARGEST = 2**31 - 1
"""The databases can't be asked for a larger number."""
_PREFIX = "00000000-0000-4000-8000-"


def priority_of(severity: Severity, details: Mapping[str, Any]) -> str:
    """As its sender said it, where that still is what it means: P2 and P3 are one to us."""
    said = details.get("priority")
    return said if isinstance(said, str) and SEVERITIES.get(said) is severity else PRIORITIES[severity]


def long_id(number: int | None) -> str:
    """Of an alert: its number in the form of a UUID, which Opsgenie's ids have."""
    return f"{_PREFIX}{number or 0:012x}"


def number_of(identifier: str) -> int | None:
    """The alert's number, from either form; None for what is no number of ours."""
    text = identifier.strip().lower()
    if text.startswith(_PREFIX):
        try:
            number = int(text.removeprefix(_PREFIX), 16)
        except ValueError:
            return None
    elif text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)):
        number = int(text)
    else:
        return None
    return number if 0 < number <= LARGEST else None


def spelt(moment: datetime) -> str:
    """`2026-01-05T10:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
