"""How tests of parsers write a request, and read what captured ones hold."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from oncall.alerts.event import Event
from oncall.ingest.reading import Inbound

PAYLOADS = Path(__file__).parent.parent / "payloads"
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def as_json(message: Any, headers: Mapping[str, str] | None = None, **options: str) -> Inbound:
    return Inbound(json.dumps(message).encode(), options, headers or {}, at=NOW)


def as_form(**fields: str) -> Inbound:
    return Inbound(urlencode(fields).encode(), at=NOW)


def captured(name: str, at: datetime = NOW) -> Inbound:
    """A request of a real sender, `tests/payloads/{name}.json`."""
    request = json.loads((PAYLOADS / f"{name}.json").read_text())
    return Inbound(request["body"].encode(), at=at)


def gist(events: list[Event]) -> list[tuple[str, str, str]]:
    """(action, dedup key, severity) of each."""
    return [(str(event.action), event.dedup_key, str(event.severity)) for event in events]
