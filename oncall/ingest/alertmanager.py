"""Prometheus Alertmanager webhook, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).

One POST mixes firing and resolved alerts. By default each is an alert of its own, by its fingerprint; with the key's
option `group` set to `true` the whole notification is one alert, by its groupKey.
"""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, labels_of, read_object, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_RANK = [Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.CRITICAL]


def parse(inbound: Inbound) -> list[Event]:
    """Events in the order of the alerts. Raises BadEvent with every fault."""
    message = read_object(inbound.body)
    alerts = message.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise BadEvent(["'alerts' must be a list with at least one alert (Alertmanager webhook, version 4)"])
    problems = [problem for number, alert in enumerate(alerts) for problem in _problems(number, alert)]
    if problems:
        raise BadEvent(problems)
    if inbound.options.get("group") == "true":
        return [_group(message, alerts)]
    return [_single(alert, message) for alert in alerts]


def _problems(number: int, alert: Any) -> list[str]:
    faults = problems_of(f"alerts[{number}]", alert)
    if isinstance(alert, dict) and alert.get("status") not in ("firing", "resolved"):
        faults.insert(0, f"'alerts[{number}].status' must be firing or resolved")
    return faults


def problems_of(name: str, alert: Any) -> list[str]:
    """What is wrong with an alert as Prometheus and its kin describe one, by labels and annotations."""
    if not isinstance(alert, dict):
        return [f"'{name}' must be an object"]
    faults = []
    if not isinstance(alert.get("labels"), dict):
        faults.append(f"'{name}.labels' must be an object")
    if not isinstance(alert.get("annotations") or {}, dict):
        faults.append(f"'{name}.annotations' must be an object")
    return faults


def _single(alert: dict[str, Any], message: dict[str, Any]) -> Event:
    return event_of(
        _action(alert["status"]),
        str(alert.get("fingerprint") or key_of(alert["labels"])),
        alert,
        (alert.get("generatorURL"), "Expression in Prometheus"),
        (message.get("externalURL"), "Alertmanager"),
    )


def key_of(labels: dict[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(labels.items()))


def event_of(action: EventAction, key: str, alert: dict[str, Any], *links: tuple[object, str]) -> Event:
    """An alert that has no fault."""
    labels, annotations = alert["labels"], alert.get("annotations") or {}
    return Event(
        action,
        dedup_key(key),
        summary=summary_of(labels, annotations),
        severity=severity_of(labels.get("severity")),
        source=str(labels.get("instance") or labels.get("job") or "")[:300],
        details={"labels": labels, "annotations": annotations, "startsAt": alert.get("startsAt")},
        links=web_links(
            (annotations.get("runbook_url"), "Runbook"),
            (annotations.get("dashboard_url"), "Dashboard"),
            *links,
        ),
        labels=labels_of(labels),
    )


def _group(message: dict[str, Any], alerts: list[dict[str, Any]]) -> Event:
    firing = [alert for alert in alerts if alert["status"] == "firing"]
    shown = firing or alerts
    worst = max((severity_of(alert["labels"].get("severity")) for alert in shown), key=_RANK.index)
    first = summary_of(shown[0]["labels"], shown[0].get("annotations") or {})
    return Event(
        _action("firing" if firing else "resolved"),
        dedup_key(str(message.get("groupKey") or "group")),
        summary=first if len(shown) == 1 else shorten(f"{len(shown)} alerts: {first}", SUMMARY_MAX),
        severity=worst,
        details={"groupLabels": message.get("groupLabels", {}), "alerts": alerts},
        links=web_links((message.get("externalURL"), "Alertmanager")),
        labels=labels_of(message.get("commonLabels") or message.get("groupLabels")),
    )


def _action(status: str) -> EventAction:
    return EventAction.TRIGGER if status == "firing" else EventAction.RESOLVE


def summary_of(labels: dict[str, Any], annotations: dict[str, Any]) -> str:
    text = annotations.get("summary") or annotations.get("title") or annotations.get("message")
    name = labels.get("alertname") or "Alert"
    return shorten(str(text or annotations.get("description") or name), SUMMARY_MAX) or str(name)


def _sample(status: str) -> Sample:
    message = {
        "version": "4",
        "status": status,
        "groupKey": '{}:{alertname="HighErrorRate"}',
        "externalURL": "http://alertmanager.example.com:9093",
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "HighErrorRate", "severity": "critical", "instance": "web1:9100"},
                "annotations": {"summary": "Error rate 12 % on checkout"},
                "startsAt": "2026-01-05T10:00:00Z",
                "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=errors",
                "fingerprint": "4b2c8b4f9a1d3e77",
            }
        ],
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Prometheus Alertmanager",
    parse,
    trigger=_sample("firing"),
    resolve=_sample("resolved"),
    gathers=True,
    recipe=(
        Step(
            "In alertmanager.yml, add a receiver",
            f"receivers:\n  - name: oncall\n    webhook_configs:\n      - url: {URL}\n        send_resolved: true\n"
            "        max_alerts: 1000",
        ),
        Step("and send alerts to it", "route:\n  receiver: oncall\n  group_by: [alertname, cluster, service]"),
        Step("Reload Alertmanager", "curl -X POST http://localhost:9093/-/reload"),
    ),
    options={
        "group": "“true” makes one alert of each notification, by its groupKey, instead of one of each alert in it"
    },
)
