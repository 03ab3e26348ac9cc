"""Pingdom's state change webhooks, of uptime and transaction checks (https://www.pingdom.com/resources/webhooks/)."""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_ACTIONS = {
    "DOWN": EventAction.TRIGGER,
    "FAILING": EventAction.TRIGGER,
    "UP": EventAction.RESOLVE,
    "SUCCESS": EventAction.RESOLVE,
}
_NO_PROBLEM = {"PAUSED", "UNKNOWN", "UNCONFIRMED_DOWN"}


def parse(inbound: Inbound) -> list[Event]:
    fields = read_object(inbound.body)
    check, state = text_of(fields, "check_id"), text_of(fields, "current_state").upper()
    problems = blank(("check_id", check))
    if state not in _ACTIONS and state not in _NO_PROBLEM:
        problems.append("'current_state' must be UP, DOWN, SUCCESS or FAILING")
    if problems:
        raise BadEvent(problems)
    if state in _NO_PROBLEM:
        return []
    return [
        Event(
            _ACTIONS[state],
            dedup_key(check),
            summary=_summary(fields, state),
            severity=Severity.WARNING if text_of(fields, "importance_level").upper() == "LOW" else Severity.CRITICAL,
            source=_address(fields)[:300],
            details=fields,
            links=web_links((_address(fields), "The address that was checked")),
        )
    ]


def _summary(fields: dict[str, Any], state: str) -> str:
    name = text_of(fields, "check_name") or f"Check {text_of(fields, 'check_id')}"
    why = text_of(fields, "long_description", "description", "custom_message")
    is_reason = why and state in ("DOWN", "FAILING")
    return shorten(f"{name} is {state.lower()}: {why}" if is_reason else f"{name} is {state.lower()}", SUMMARY_MAX)


def _address(fields: dict[str, Any]) -> str:
    return text_of(object_of(fields, "check_params"), "full_url", "hostname", "url")


def _sample(previous: str, current: str) -> Sample:
    message = {
        "version": 1,
        "check_id": 12345,
        "check_name": "Shop front",
        "check_type": "HTTP",
        "check_params": {
            "basic_auth": False,
            "encryption": True,
            "full_url": "https://shop.example.com/cart",
            "hostname": "shop.example.com",
            "port": 443,
            "url": "/cart",
        },
        "tags": ["shop"],
        "previous_state": previous,
        "current_state": current,
        "importance_level": "HIGH",
        "state_changed_timestamp": 1767607200,
        "state_changed_utc_time": "2026-01-05T10:00:00",
        "long_description": "HTTP Server Error 503 Service Unavailable" if current == "DOWN" else "OK",
        "description": "HTTP Error 503" if current == "DOWN" else "OK",
        "first_probe": {"ip": "203.0.113.9", "location": "Stockholm, Sweden"},
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Pingdom",
    parse,
    trigger=_sample("UP", "DOWN"),
    resolve=_sample("DOWN", "UP"),
    recipe=(
        Step("In Pingdom, Integrations > Add integration, choose the type Webhook and set its URL to", URL),
        Step("In each of your checks, tick that integration under “Connect integrations”"),
    ),
)
