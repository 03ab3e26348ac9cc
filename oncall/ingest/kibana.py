"""Kibana's alerting rules, through a webhook connector
(https://www.elastic.co/docs/reference/kibana/connectors-kibana/webhook-action-type): the recipe gives the body."""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_BODY = {
    "rule_id": "{{rule.id}}",
    "rule": "{{rule.name}}",
    "alert_id": "{{alert.id}}",
    "action_group": "{{alert.actionGroup}}",
    "reason": "{{context.reason}}",
    "message": "{{context.message}}",
    "url": "{{rule.url}}",
    "details_url": "{{context.alertDetailsUrl}}",
    "tags": "{{rule.tags}}",
    "date": "{{date}}",
}


def parse(inbound: Inbound) -> list[Event]:
    fields = {name: value for name, value in read_object(inbound.body).items() if not _is_unfilled(value)}
    rule, group = text_of(fields, "rule_id", "rule"), text_of(fields, "action_group", "actionGroup")
    problems = blank(("rule_id", rule), ("action_group", group))
    if problems:
        raise BadEvent(problems)
    return [
        Event(
            EventAction.RESOLVE if group.lower() == "recovered" else EventAction.TRIGGER,
            dedup_key(f"{rule}/{text_of(fields, 'alert_id') or '*'}"),
            summary=_summary(fields),
            severity=_severity(fields, group),
            source=text_of(fields, "alert_id")[:300],
            details=fields,
            links=web_links((fields.get("details_url"), "Alert in Kibana"), (fields.get("url"), "Rule in Kibana")),
        )
    ]


def _is_unfilled(value: Any) -> bool:
    """What Kibana has no value for arrives empty, or as it is written in the body."""
    return isinstance(value, str) and value.strip().startswith("{{")


def _summary(fields: dict[str, Any]) -> str:
    rule, said = text_of(fields, "rule", "rule_id"), text_of(fields, "reason", "message", "alert_id")
    return shorten(f"{rule}: {' '.join(said.split())}" if said else rule, SUMMARY_MAX)


def _severity(fields: dict[str, Any], group: str) -> Severity:
    """Rules of two thresholds have an action group for each, such as metrics.threshold.warning."""
    told = text_of(fields, "severity")
    return severity_of(told or group.replace(" ", ".").rsplit(".", 1)[-1])


def _sample(group: str) -> Sample:
    message = {
        "rule_id": "2f0e6a30-9a5b-11ee-8f1a-5d8a3b1a8f7c",
        "rule": "Error rate of checkout",
        "alert_id": "checkout",
        "action_group": group,
        "reason": "Error rate is 12 % in the last 5 min for checkout. Alert when > 5 %.",
        "message": "",
        "url": "https://kibana.example.com/app/management/insightsAndAlerting/triggersActions/rule/2f0e6a30",
        "details_url": "",
        "tags": "shop,production",
        "date": "2026-01-05T10:00:00.000Z",
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Kibana",
    parse,
    trigger=_sample("threshold_met"),
    resolve=_sample("recovered"),
    recipe=(
        Step("In Kibana, Stack Management > Connectors > Create connector > Webhook, method POST, with the URL", URL),
        Step(
            "In your rule, add an action with it for when the alert is active, run “for each alert”, with the body",
            json.dumps(_BODY, indent=2),
        ),
        Step("Add a second action with it and the same body, and choose that it runs when “Recovered”"),
    ),
)
