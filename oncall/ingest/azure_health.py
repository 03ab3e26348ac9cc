"""Azure Service Health, of either schema.

https://learn.microsoft.com/azure/service-health/service-health-alert-webhook-guide

Each report of an incident is an alert of its own to Azure, which never resolves one: what reports have in common is the
incident's tracking id, and the last one says that it is over.
"""

from collections.abc import Mapping
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import object_of, text_of
from oncall.ingest.html_text import text_of_html
from oncall.ingest.reading import dedup_key, shorten, web_links
from oncall.models.alert import Severity

SOURCE = "ServiceHealth"
_OVER = ("resolved", "complete", "canceled")
_SEVERITIES = {"incident": Severity.ERROR, "actionrequired": Severity.WARNING, "security": Severity.WARNING}
"""By the type of the incident; planned maintenance and information page nobody at night."""


def report_in(data: Mapping[str, Any]) -> dict[str, Any]:
    """The report, if `data` is one that can be followed; else empty."""
    log = object_of(object_of(data, "context"), "activityLog")
    if text_of(log, "eventSource") == SOURCE:
        report = log
    elif text_of(object_of(data, "essentials"), "monitoringService") == SOURCE:
        report = object_of(data, "alertContext")
    else:
        return {}
    return report if _tracking(report) else {}


def event_of(report: Mapping[str, Any]) -> Event:
    told, tracking = object_of(report, "properties"), _tracking(report)
    stage = text_of(told, "stage") or text_of(report, "status")
    title = text_of(told, "title", "defaultLanguageTitle") or f"service health {tracking}"
    return Event(
        EventAction.RESOLVE if stage.lower() in _OVER else EventAction.TRIGGER,
        dedup_key(tracking),
        summary=shorten(f"Azure: {title}", SUMMARY_MAX),
        severity=_SEVERITIES.get(text_of(told, "incidentType").lower(), Severity.INFO),
        source=text_of(told, "service")[:300],
        details=told | {"communication": text_of_html(text_of(told, "communication"))},
        links=web_links((_page(tracking, text_of(report, "subscriptionId")), "Service Health in Azure")),
    )


def _tracking(report: Mapping[str, Any]) -> str:
    return text_of(object_of(report, "properties"), "trackingId")


def _page(tracking: str, subscription: str) -> str:
    """By the first three and the last three characters of the subscription, as the guide has it."""
    return f"https://app.azure.com/h/{tracking}/{subscription[:3]}{subscription[-3:]}" if subscription else ""
