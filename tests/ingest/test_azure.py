"""Azure Monitor's common alert schema: bodies as its documents show them."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import azure
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

ID = "/subscriptions/1/providers/Microsoft.AlertsManagement/alerts/b9569717-bc32-442f-add5-83a997729330"
ESSENTIALS = {
    "alertId": ID,
    "alertRule": "WCUS-R2-Gen2",
    "severity": "Sev3",
    "signalType": "Metric",
    "monitorCondition": "Fired",
    "monitoringService": "Platform",
    "alertTargetIDs": ["/subscriptions/1/resourcegroups/rg/providers/microsoft.compute/virtualmachines/wcus-r2-gen2"],
    "configurationItems": ["wcus-r2-gen2"],
    "originAlertId": "3f2d4487_PipeLineAlertRG_microsoft.insights_metricAlerts_WCUS-R2-Gen2_-117781227",
    "firedDateTime": "2019-03-22T13:58:24.3713213Z",
    "resolvedDateTime": None,
    "description": "",
}


def parse(context: Any = None, **changes: Any) -> Event:
    data = {"essentials": ESSENTIALS | changes, "alertContext": context, "customProperties": {"team": "web"}}
    body = json.dumps({"schemaId": "azureMonitorCommonAlertSchema", "data": data})
    (event,) = azure.parse(Inbound(body.encode()))
    return event


def test_an_alert_that_fired_triggers_and_names_what_it_is_about() -> None:
    event = parse()
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, ID, Severity.INFO)
    assert (event.summary, event.source) == ("WCUS-R2-Gen2 on wcus-r2-gen2", "wcus-r2-gen2")
    assert event.details["customProperties"] == {"team": "web"}


def test_it_resolves_by_the_same_id() -> None:
    event = parse(monitorCondition="Resolved", resolvedDateTime="2019-03-22T14:03:16.2246313Z")
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, ID)


@pytest.mark.parametrize(
    ("word", "severity"),
    [("Sev0", Severity.CRITICAL), ("Sev1", Severity.ERROR), ("Sev2", Severity.WARNING), ("Sev4", Severity.INFO)],
)
def test_sev_0_is_the_worst(word: str, severity: Severity) -> None:
    assert parse(severity=word).severity is severity


def test_without_configuration_items_the_resource_is_named_by_the_end_of_its_path() -> None:
    assert parse(configurationItems=None, description="Look at the disks").summary == (
        "WCUS-R2-Gen2 on wcus-r2-gen2: Look at the disks"
    )


def test_a_rule_on_logs_links_to_its_search() -> None:
    search = "https://portal.azure.com#@12f345bf/blade/search"
    event = parse({"condition": {"allOf": [{"linkToFilteredSearchResultsUI": search}]}})
    assert event.links == [{"href": search, "text": "Search results"}]


def test_the_old_form_of_a_webhook_is_refused_with_the_setting_to_change() -> None:
    with pytest.raises(BadEvent, match="enable the common alert schema"):
        azure.parse(Inbound(b'{"schemaId": "AzureMonitorMetricAlert", "data": {"status": "Activated"}}'))


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        parse(alertId=None, monitorCondition="Smouldering")
    assert refused.value.problems == [
        "'data.essentials.alertId' is missing or blank",
        "'data.essentials.monitorCondition' must be Fired or Resolved",
    ]
