"""Opsgenie's Create Alert (https://docs.opsgenie.com/docs/alert-api): fields and limits as documented there.

All else that its API can do to an alert, and what it answers, is in oncall/opsgenie and web/opsgenie.
"""

import json
import uuid
from typing import Any

from oncall.alerts.event import DEDUP_KEY_MAX, Event, EventAction
from oncall.ingest.reading import Inbound, dedup_key, read_object, web_links
from oncall.ingest.tool import KEY, URL, Sample, Step, Tool
from oncall.opsgenie.fields import Fields
from oncall.opsgenie.words import SEVERITIES, USUAL

MESSAGE_MAX, DESCRIPTION_MAX, SHORT_MAX, NOTE_MAX = 130, 15_000, 512, 25_000
MOST_TAGS, TAG_MAX = 20, 50
MOST_PEOPLE = 50
KNOWN = (
    *("message", "alias", "description", "responders", "teams", "visibleTo", "actions", "tags", "details"),
    *("entity", "source", "priority", "user", "note"),
)


def parse(inbound: Inbound) -> list[Event]:
    """One trigger. Raises BadEvent for what is no JSON, BadFields with every fault."""
    fields = Fields(read_object(inbound.body))
    message = fields.text("message", MESSAGE_MAX, required=True, refuse=True)
    alias = fields.text("alias", DEDUP_KEY_MAX, refuse=True)
    source = fields.text("source", 300)
    priority = fields.text("priority", 10).upper()
    priority = priority if priority in SEVERITIES else USUAL  # so that it pages
    details = _details(fields, priority)
    fields.check()
    return [
        Event(
            EventAction.TRIGGER,
            dedup_key(alias or str(uuid.uuid4())),
            summary=message,
            severity=SEVERITIES[priority],
            source=source,
            details=details,
            links=web_links((source, "Open in the sending tool")),
        )
    ]


def _details(fields: Fields, priority: str) -> dict[str, Any]:
    """Under Opsgenie's own names, and the sender's custom ones within `details`, so that the alert is given back so."""
    said = {
        "description": fields.text("description", DESCRIPTION_MAX),
        "entity": fields.text("entity", SHORT_MAX),
        "tags": fields.texts("tags", MOST_TAGS, TAG_MAX),
        "details": fields.table("details"),
        "responders": fields.all_named("responders", MOST_PEOPLE) + fields.all_named("teams", MOST_PEOPLE),
        "visibleTo": fields.all_named("visibleTo", MOST_PEOPLE),
        "actions": fields.texts("actions", 10, TAG_MAX),
        "user": fields.text("user", 100),
        "note": fields.text("note", NOTE_MAX),
        "priority": priority,
    }
    return {name: value for name, value in said.items() if value} | fields.others(*KNOWN)


_SAMPLE = {
    "message": "Error rate 12 % on checkout",
    "alias": "web1-errors",
    "description": "More than 5 % of the requests have failed for 10 minutes.",
    "entity": "web1.example.com",
    "source": "monitoring",
    "priority": "P1",
    "tags": ["checkout"],
    "details": {"rate": "12 %"},
}
TOOL = Tool(
    "Opsgenie",
    parse,
    trigger=Sample(json.dumps(_SAMPLE).encode()),
    resolve=None,  # that is another address: /v2/alerts/{alias}/close
    recipe=(
        Step("Where the tool has Opsgenie's API address, https://api.opsgenie.com, set", URL),
        Step("If it wants the whole address, as Grafana does, set", f"{URL}/v2/alerts"),
        Step("and the API key to", KEY),
        Step(
            "In alertmanager.yml that is",
            f"receivers:\n  - name: oncall\n    opsgenie_configs:\n      - api_url: {URL}/\n        api_key: {KEY}",
        ),
        Step(
            "Heartbeats are pinged at the same address",
            f"curl -X POST -H 'Authorization: GenieKey {KEY}' {URL}/v2/heartbeats/NAME/ping",
        ),
        Step(
            "or by Alertmanager, with the alert that always fires (Watchdog) routed to",
            f"receivers:\n  - name: watchdog\n    webhook_configs:\n      - url: {URL}/v2/heartbeats/NAME/ping\n"
            "        send_resolved: false\n"
            f"        http_config:\n          authorization: {{type: GenieKey, credentials: {KEY}}}",
        ),
    ),
)
