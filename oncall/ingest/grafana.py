"""Grafana's webhook contact point, and that of its old alerting (until version 10).

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/

Each alert of a notification is an alert of its own, by organisation and fingerprint. What the button “Test” sends is no
problem. The signature is over the body, or over `timestamp:body` where a timestamp header is set too.
"""

import json
from dataclasses import replace
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.alertmanager import event_of, key_of, problems_of
from oncall.ingest.fields import text_in, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, severity_of, shorten, web_links
from oncall.ingest.signatures import verify_hmac, verify_time
from oncall.ingest.tool import URL, Sample, Step, Tool

SIGNATURE = "X-Grafana-Alerting-Signature"
TEST_LABELS = {("alertname", "TestAlert"), ("instance", "Grafana")}
_OF_THE_RULE = {"DatasourceNoData": "no data", "DatasourceError": "its data source answers with an error"}
"""Alerts about a rule that can't tell, by name. They have the rule's own labels and annotations, which don't apply."""
_OLD_STATES = {
    "alerting": EventAction.TRIGGER,
    "no_data": EventAction.TRIGGER,
    "ok": EventAction.RESOLVE,
    "paused": None,
    "pending": None,
    "unknown": None,
}


def parse(inbound: Inbound) -> list[Event]:
    """Events in the order of the alerts. Raises BadSignature, or BadEvent with every fault."""
    _verify(inbound)
    message = read_object(inbound.body)
    if "ruleId" in message and "alerts" not in message:
        return _old(message)
    alerts = message.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise BadEvent(["'alerts' must be a list with at least one alert (Grafana's webhook contact point)"])
    problems = [problem for number, alert in enumerate(alerts) for problem in _problems(f"alerts[{number}]", alert)]
    if problems:
        raise BadEvent(problems)
    return [_event(alert, message) for alert in alerts if not _is_test(alert)]


def _verify(inbound: Inbound) -> None:
    secret, timestamp_header = inbound.options.get("secret"), inbound.options.get("timestamp_header")
    if not secret:
        return
    signed = inbound.body
    if timestamp_header:
        seconds = inbound.headers.get(timestamp_header.lower(), "")
        verify_time(seconds, inbound.at, timestamp_header)
        signed = f"{seconds}:".encode() + signed
    verify_hmac(secret, signed, inbound.headers.get(SIGNATURE.lower()), SIGNATURE)


def _problems(name: str, alert: Any) -> list[str]:
    faults = problems_of(name, alert)
    if isinstance(alert, dict) and alert.get("status") not in ("firing", "resolved"):
        faults.insert(0, f"'{name}.status' must be firing or resolved")
    return faults


def _is_test(alert: dict[str, Any]) -> bool:
    return {(name, value) for name, value in alert["labels"].items() if isinstance(value, str)} >= TEST_LABELS


def _event(alert: dict[str, Any], message: dict[str, Any]) -> Event:
    fingerprint = text_of(alert, "fingerprint") or key_of(alert["labels"])
    event = event_of(
        EventAction.TRIGGER if alert["status"] == "firing" else EventAction.RESOLVE,
        f"{text_of(message, 'orgId') or 1}:{fingerprint}",
        alert,
        (alert.get("panelURL"), "Panel"),
        (alert.get("dashboardURL"), "Dashboard"),
        (alert.get("generatorURL"), "Rule in Grafana"),
        (alert.get("imageURL"), "Image"),
        (alert.get("silenceURL"), "Silence in Grafana"),
    )
    shown = {name: alert[name] for name in ("values", "valueString") if alert.get(name)}
    event.details.update(shown)
    what = _OF_THE_RULE.get(text_of(alert["labels"], "alertname"))
    rule = text_of(alert["labels"], "rulename")
    return replace(event, summary=shorten(f"{rule}: {what}", SUMMARY_MAX)) if what and rule else event


def _old(message: dict[str, Any]) -> list[Event]:
    state = text_of(message, "state")
    if state not in _OLD_STATES:
        raise BadEvent([f"'state' must be one of {', '.join(_OLD_STATES)}"])
    action, rule = _OLD_STATES[state], text_in(message["ruleId"])
    if action is None or rule in ("", "0"):  # the button “Test” sends rule 0
        return []
    title = text_of(message, "ruleName") or text_of(message, "title") or f"Rule {rule}"
    said = text_of(message, "message")
    tags = message["tags"] if isinstance(message.get("tags"), dict) else {}
    shown_elsewhere = {"state", "title", "ruleUrl", "imageUrl"}
    return [
        Event(
            action,
            dedup_key(f"{text_of(message, 'orgId') or 1}:rule:{rule}"),
            summary=shorten(f"{title}: {said}" if said else title, SUMMARY_MAX),
            severity=severity_of(tags.get("severity")),
            details={name: value for name, value in message.items() if name not in shown_elsewhere},
            links=web_links((message.get("ruleUrl"), "Rule in Grafana"), (message.get("imageUrl"), "Image")),
        )
    ]


def _sample(status: str) -> Sample:
    message = {
        "receiver": "oncall",
        "status": status,
        "orgId": 1,
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "High memory usage", "team": "blue", "severity": "critical", "zone": "us-1"},
                "annotations": {
                    "summary": "The system has high memory usage",
                    "runbook_url": "https://wiki.example.com/m",
                },
                "startsAt": "2026-01-05T10:00:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "values": {"A": 98.7, "B": 1},
                "generatorURL": "https://grafana.example.com/alerting/grafana/1afz29v7z/view?orgId=1",
                "fingerprint": "c6eadffa33fcdf37",
                "silenceURL": "https://grafana.example.com/alerting/silence/new?alertmanager=grafana",
                "dashboardURL": "https://grafana.example.com/d/abc?orgId=1",
                "panelURL": "https://grafana.example.com/d/abc?orgId=1&viewPanel=1",
            }
        ],
        "externalURL": "https://grafana.example.com/",
        "version": "1",
        "groupKey": "{}:{}",
        "truncatedAlerts": 0,
        "title": f"[{status.upper()}:1] High memory usage",
        "state": "alerting" if status == "firing" else "ok",
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Grafana",
    parse,
    trigger=_sample("firing"),
    resolve=_sample("resolved"),
    gathers=True,
    recipe=(
        Step("In Grafana, under Alerting → Contact points, add one of the kind Webhook with the URL", URL),
        Step("Under Alerting → Notification policies, choose this contact point for what should page"),
        Step(
            "To have messages signed (Grafana 12 or newer), put the same secret into the contact point, under Optional "
            "settings → HMAC Signature, and into this key's option `secret`"
        ),
    ),
    options={
        "secret": "the secret under HMAC Signature in the contact point: what is not signed with it is refused",
        "timestamp_header": "the name under HMAC Signature → Timestamp Header, if you set one: what is older than 5 "
        "minutes is refused then",
    },
    secrets=frozenset({"secret"}),
)
