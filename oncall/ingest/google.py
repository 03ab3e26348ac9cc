"""Google Cloud Monitoring, webhook channel, schema 1.2
(https://cloud.google.com/monitoring/support/notification-options#webhooks)."""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

_ACTIONS = {
    "open": EventAction.TRIGGER,
    "acknowledged": EventAction.ACKNOWLEDGE,
    "closed": EventAction.RESOLVE,
}


TEST = "test"
"""In place of the version, when somebody tries the channel out."""


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for a test. Raises BadEvent with every fault."""
    message = read_object(inbound.body)
    incident = object_of(message, "incident")
    incident_id = text_of(incident, "incident_id")
    action = _ACTIONS.get(text_of(incident, "state").lower())
    problems = blank(("incident.incident_id", incident_id))
    if action is None:
        problems.append("'incident.state' must be open, acknowledged or closed")
    if action is None or problems:
        raise BadEvent(problems)
    if text_of(message, "version") == TEST:
        return []
    return [
        Event(
            action,
            dedup_key(incident_id),
            summary=_summary(incident),
            severity=severity_of(
                text_of(incident, "severity") or text_of(object_of(incident, "policy_user_labels"), "severity")
            ),
            source=text_of(incident, "resource_display_name", "resource_name")[:300],
            details=incident,
            links=web_links((incident.get("url"), "Incident in Google Cloud"), *_documented(incident)),
        )
    ]


def _summary(incident: dict[str, Any]) -> str:
    """The policy's name is what people know it by; Google's own sentence says by how much."""
    parts = [text_of(incident, "policy_name"), text_of(incident, "summary") or text_of(incident, "condition_name")]
    return shorten(": ".join(part for part in parts if part), SUMMARY_MAX) or "Google Cloud incident"


def _documented(incident: dict[str, Any]) -> list[tuple[object, str]]:
    """Links that the policy's documentation names."""
    links = object_of(incident, "documentation").get("links")
    found = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    return [(link.get("url"), text_of(link, "displayName", "display_name") or "Documentation") for link in found]


def _sample(state: str) -> Sample:
    incident = {
        "incident_id": "0.nwg9th6llz4w",
        "scoping_project_id": "shop-production",
        "url": "https://console.cloud.google.com/monitoring/alerting/alerts/0.nwg9th6llz4w?project=shop-production",
        "started_at": 1767607200,
        "ended_at": 1767610800 if state == "closed" else None,
        "state": state,
        "severity": "Critical",
        "summary": "CPU utilization for web-1 is above the threshold of 0.900 with a value of 0.987.",
        "observed_value": "0.987",
        "threshold_value": "0.9",
        "policy_name": "CPU of web servers",
        "condition_name": "VM Instance - CPU utilization",
        "resource_name": "shop-production web-1",
        "resource_display_name": "web-1",
        "resource_type_display_name": "VM Instance",
        "resource": {"type": "gce_instance", "labels": {"instance_id": "11223344", "zone": "us-central1-c"}},
        "metric": {"type": "compute.googleapis.com/instance/cpu/utilization", "displayName": "CPU utilization"},
        "policy_user_labels": {"team": "web"},
        "documentation": {"content": "Look at the deploys first.", "mime_type": "text/markdown"},
    }
    return Sample(json.dumps({"version": "1.2", "incident": incident}).encode())


TOOL = Tool(
    "Google Cloud Monitoring",
    parse,
    trigger=_sample("open"),
    resolve=_sample("closed"),
    recipe=(
        Step("In the Google Cloud console, Monitoring > Alerting > Edit notification channels, add a webhook for", URL),
        Step("In your alerting policies, under Notifications, choose that channel and “Notify on incident closure”"),
    ),
)
