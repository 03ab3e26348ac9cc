"""Healthchecks' webhook integration (https://healthchecks.io/docs/configuring_notifications/).

Its users write the body; ours, in the recipe, has what is needed here and all that Healthchecks knows of the check.
"""

import json

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

_ACTIONS = {"down": EventAction.TRIGGER, "up": EventAction.RESOLVE}
_SHOWN = ("desc", "tags", "schedule", "timeout", "grace", "n_pings", "last_ping", "last_duration")
"""Not the addresses: whoever has them can ping and change the check."""
_TEST = ("TEST", "42")
"""Name and number of pings of the check that the button “Test!” makes up."""


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for a test. Raises BadEvent with every fault."""
    fields = read_fields(inbound.body)
    check = object_of(fields, "check")
    code = text_of(fields, "code") or text_of(check, "uuid", "unique_key")
    status = (text_of(fields, "status") or text_of(check, "status")).lower()
    problems = blank(("code", code))
    if status not in _ACTIONS:
        problems.append("'status' must be up or down")
    if problems:
        raise BadEvent(problems)
    name = text_of(fields, "name") or text_of(check, "name", "slug") or code
    if (name, text_of(check, "n_pings")) == _TEST:
        return []
    said = text_of(check, "desc")
    return [
        Event(
            _ACTIONS[status],
            dedup_key(code),
            summary=shorten(f"{name} is down: {said}" if said else f"{name} is down", SUMMARY_MAX),
            severity=severity_of(fields.get("severity")),
            source=name[:300],
            details={name: check[name] for name in _SHOWN if check.get(name)},
            links=web_links((_page(fields, code), "Open in Healthchecks")),
        )
    ]


def _page(fields: dict[str, object], code: str) -> str:
    """Where its people look at the check: at the host that is pinged, which is the same but for hc-ping.com."""
    update = object_of(fields, "check").get("update_url")
    host = update.split("/api/", 1)[0] if isinstance(update, str) and "/api/" in update else ""
    return f"{host}/checks/{code}/details/" if host else ""


_BODY = '{"code": "$CODE", "status": "$STATUS", "name": $NAME_JSON, "check": $JSON}'


def _sample(status: str) -> Sample:
    code = "5d9e1c4e-3a6f-4bd0-9a0e-7f0b3b1f2c11"
    check = {
        "name": "Nightly backup",
        "slug": "nightly-backup",
        "tags": "prod db",
        "desc": "pg_dump of db1",
        "grace": 3600,
        "n_pings": 214,
        "status": status,
        "last_ping": "2026-01-04T02:00:00+00:00",
        "update_url": f"https://healthchecks.io/api/v3/checks/{code}",
    }
    return Sample(json.dumps({"code": code, "status": status, "name": check["name"], "check": check}).encode())


TOOL = Tool(
    "Healthchecks",
    parse,
    trigger=_sample("down"),
    resolve=_sample("up"),
    recipe=(
        Step("In Healthchecks, under Integrations → Webhook, for “down” and for “up” choose POST with the URL", URL),
        Step("and the request body", _BODY),
    ),
)
