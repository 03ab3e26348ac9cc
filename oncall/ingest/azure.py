"""Azure Monitor, common alert schema (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema).

Service Health is read in its older schema, too, which is what it sends unless the common one is enabled.
"""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest import azure_health
from oncall.ingest.fields import blank, object_of, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_ACTIONS = {"fired": EventAction.TRIGGER, "resolved": EventAction.RESOLVE}
_SEVERITIES = {
    "sev0": Severity.CRITICAL,
    "sev1": Severity.ERROR,
    "sev2": Severity.WARNING,
    "sev3": Severity.INFO,
    "sev4": Severity.INFO,
}


def parse(inbound: Inbound) -> list[Event]:
    data = object_of(read_object(inbound.body), "data")
    essentials = object_of(data, "essentials")
    if health := azure_health.report_in(data):
        return [azure_health.event_of(health)]
    if not essentials:
        raise BadEvent(["'data.essentials' is missing: enable the common alert schema in the action group's webhook"])
    alert_id = text_of(essentials, "alertId")
    action = _ACTIONS.get(text_of(essentials, "monitorCondition").lower())
    problems = blank(("data.essentials.alertId", alert_id))
    if action is None:
        problems.append("'data.essentials.monitorCondition' must be Fired or Resolved")
    if action is None or problems:
        raise BadEvent(problems)
    context = object_of(data, "alertContext")
    return [
        Event(
            action,
            dedup_key(alert_id),
            summary=_summary(essentials),
            severity=_SEVERITIES.get(text_of(essentials, "severity").lower(), Severity.ERROR),
            source=_names(essentials)[:300],
            details={**essentials, "alertContext": context, "customProperties": data.get("customProperties")},
            links=web_links(
                (essentials.get("investigationLink"), "Investigate in Azure"),
                (context.get("linkToFilteredSearchResultsUI"), "Search results"),
                (_search_of_condition(context), "Search results"),
            ),
        )
    ]


def _summary(essentials: dict[str, Any]) -> str:
    """The rule and what it is about; the description where there is one, since that is what people wrote."""
    rule, names, description = (
        text_of(essentials, "alertRule") or "Azure alert",
        _names(essentials),
        text_of(essentials, "description"),
    )
    what = f"{rule} on {names}" if names else rule
    return shorten(f"{what}: {description}" if description else what, SUMMARY_MAX)


def _names(essentials: dict[str, Any]) -> str:
    """Of the resources that the alert is about; they are the last parts of long paths."""
    items = essentials.get("configurationItems") or essentials.get("alertTargetIDs")
    if not isinstance(items, list):
        return ""
    return ", ".join(item.rstrip("/").rsplit("/", 1)[-1] for item in items if isinstance(item, str))


def _search_of_condition(context: dict[str, Any]) -> object:
    """Rules on logs have the link with each of their conditions."""
    conditions = object_of(context, "condition").get("allOf")
    first = conditions[0] if isinstance(conditions, list) and conditions else None
    return first.get("linkToFilteredSearchResultsUI") if isinstance(first, dict) else None


def _sample(condition: str) -> Sample:
    subscription = "/subscriptions/11111111-2222-3333-4444-555555555555"
    essentials = {
        "alertId": f"{subscription}/providers/Microsoft.AlertsManagement/alerts/b9569717-bc32-442f-add5-83a997729330",
        "alertRule": "CPU above 90 %",
        "severity": "Sev0",
        "signalType": "Metric",
        "monitorCondition": condition,
        "monitoringService": "Platform",
        "alertTargetIDs": [f"{subscription}/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web1"],
        "configurationItems": ["web1"],
        "firedDateTime": "2026-01-05T10:00:00.3713213Z",
        "description": "",
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
    }
    message = {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": essentials, "alertContext": {"conditionType": "SingleResourceMultipleMetricCriteria"}},
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Azure Monitor",
    parse,
    trigger=_sample("Fired"),
    resolve=_sample("Resolved"),
    recipe=(
        Step(
            "In the Azure portal, Monitor > Alerts > Action groups, open or make a group; under Actions choose Webhook"
        ),
        Step("Paste the address as the URI and set “Enable the common alert schema” to Yes", URL),
        Step("Name the action group in your alert rules, under Actions"),
    ),
)
