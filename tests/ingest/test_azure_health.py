"""Azure Service Health, in its older schema and the common one."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import azure
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

TOLD = {
    "title": "Virtual Machines - Australia East",
    "service": "Virtual Machines",
    "region": "Australia East",
    "communication": "<p><strong>Impact</strong>: VMs do not start.</p>",
    "incidentType": "Incident",
    "trackingId": "0NIH-U2O",
    "stage": "Active",
}


def older(**changes: Any) -> Any:
    log = {
        "eventSource": "ServiceHealth",
        "level": "Informational",
        "properties": TOLD | changes,
        "subscriptionId": "45529734-0ed9-4895-a0df-44b59a5a07f9",
    }
    return {"status": "Activated", "context": {"activityLog": log}}


def common(**changes: Any) -> Any:
    essentials = {
        "alertId": "/subscriptions/1/providers/Microsoft.AlertsManagement/alerts/1234abcd",
        "alertRule": "health",
        "severity": "Sev4",
        "monitorCondition": "Fired",
        "monitoringService": "ServiceHealth",
        "alertTargetIDs": ["/subscriptions/1"],
    }
    context = {"eventSource": 2, "level": 3, "properties": TOLD | changes, "status": "Active"}
    return {"essentials": essentials, "alertContext": context}


def parse(data: Any) -> Event:
    (event,) = azure.parse(Inbound(json.dumps({"schemaId": "Microsoft.Insights/activityLogs", "data": data}).encode()))
    return event


@pytest.mark.parametrize("schema", [older, common])
def test_an_incident_is_followed_by_its_tracking_id(schema: Any) -> None:
    event, over = parse(schema()), parse(schema(stage="Resolved"))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "0NIH-U2O", Severity.ERROR)
    assert (event.summary, event.source) == ("Azure: Virtual Machines - Australia East", "Virtual Machines")
    assert event.details["communication"] == "Impact : VMs do not start."
    assert (over.action, over.dedup_key) == (EventAction.RESOLVE, event.dedup_key)


def test_the_older_schema_leads_to_the_page_in_azure() -> None:
    assert [link["href"] for link in parse(older()).links] == ["https://app.azure.com/h/0NIH-U2O/4557f9"]


@pytest.mark.parametrize(
    ("kind", "severity"), [("ActionRequired", Severity.WARNING), ("Maintenance", Severity.INFO), (None, Severity.INFO)]
)
def test_what_is_planned_pages_nobody_at_night(kind: str | None, severity: Severity) -> None:
    assert parse(older(incidentType=kind)).severity is severity


def test_what_has_no_tracking_id_is_an_alert_as_any_other() -> None:
    assert parse(common(trackingId=None)).summary == "health on 1"
    with pytest.raises(BadEvent, match="enable the common alert schema"):
        parse(older(trackingId=None))
