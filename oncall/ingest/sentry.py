"""Sentry's webhooks of an internal integration (https://docs.sentry.io/integrations/integration-platform/webhooks/).

Metric alerts, issue alerts and issues page; an alert of an issue meets the issue's own message, so that resolving it in
Sentry resolves it here. The old plugin “WebHooks”, which says nothing when it is over, is read too.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, text_in, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, severity_of, shorten, web_links
from oncall.ingest.signatures import verify_hmac
from oncall.ingest.tool import URL, Sample, Step, Tool

SIGNATURE, RESOURCE = "Sentry-Hook-Signature", "Sentry-Hook-Resource"
_OF_ISSUES = {
    "created": EventAction.TRIGGER,
    "unresolved": EventAction.TRIGGER,
    "triggered": EventAction.TRIGGER,
    "resolved": EventAction.RESOLVE,
    "archived": EventAction.RESOLVE,
    "ignored": EventAction.RESOLVE,  # what archived was called
}
_OF_METRICS = {
    "critical": EventAction.TRIGGER,
    "warning": EventAction.TRIGGER,
    "resolved": EventAction.RESOLVE,
}


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for what is no problem (installation, comment, …). Raises BadSignature or BadEvent."""
    if secret := inbound.options.get("secret"):
        verify_hmac(secret, inbound.body, inbound.headers.get(SIGNATURE.lower()), SIGNATURE)
    message = read_object(inbound.body)
    data, action = object_of(message, "data"), text_of(message, "action")
    if metric := object_of(data, "metric_alert"):
        return _metric(metric, action, data)
    if event := object_of(data, "event"):
        return [_issue_alert(event, data)]
    if issue := object_of(data, "issue"):
        return _issue(issue, action)
    if "event" in message and "project" in message:
        return [_of_plugin(message)]
    if inbound.headers.get(RESOURCE.lower(), "metric_alert") not in ("metric_alert", "event_alert", "issue"):
        return []
    raise BadEvent(["'data' must hold metric_alert, event or issue (a webhook of Sentry's integration platform)"])


def _metric(metric: dict[str, Any], action: str, data: dict[str, Any]) -> list[Event]:
    incident, rule = text_of(metric, "id"), object_of(metric, "alert_rule")
    problems = blank(("data.metric_alert.id", incident))
    if action not in _OF_METRICS:
        problems.append("'action' must be critical, warning or resolved")
    if problems:
        raise BadEvent(problems)
    title = text_of(data, "description_title") or text_of(rule, "name") or text_of(metric, "title")
    return [
        Event(
            _OF_METRICS[action],
            dedup_key(f"metric-alert:{incident}"),
            summary=shorten(title or f"Metric alert {incident}", SUMMARY_MAX),
            severity=severity_of(action),
            source=", ".join(text_in(project) for project in _listed(metric, "projects"))[:300],
            details={"description": data.get("description_text"), "metric_alert": metric},
            links=web_links((data.get("web_url"), "Open in Sentry")),
        )
    ]


def _issue_alert(event: dict[str, Any], data: dict[str, Any]) -> Event:
    issue = text_of(event, "issue_id") or _last_number(event.get("issue_url"))
    if not issue:
        raise BadEvent(blank(("data.event.issue_id", issue)))
    kept = ("event_id", "culprit", "environment", "release", "platform", "tags", "user", "datetime", "project")
    return Event(
        EventAction.TRIGGER,
        dedup_key(f"issue:{issue}"),
        summary=_title(event, issue),
        severity=severity_of(event.get("level")),
        source=text_of(event, "culprit", "location")[:300],
        details={"rule": data.get("triggered_rule"), **{name: event[name] for name in kept if event.get(name)}},
        links=web_links((event.get("web_url"), "Open in Sentry")),
    )


def _issue(issue: dict[str, Any], action: str) -> list[Event]:
    """None for assigned, which changes nothing about the problem."""
    number = text_of(issue, "id")
    if not number:
        raise BadEvent(blank(("data.issue.id", number)))
    if action not in _OF_ISSUES:
        return []
    return [
        Event(
            _OF_ISSUES[action],
            dedup_key(f"issue:{number}"),
            summary=_title(issue, number),
            severity=severity_of(issue.get("level")),
            source=text_of(issue, "culprit")[:300],
            details={name: value for name, value in issue.items() if name not in ("title", "level", "annotations")},
            links=web_links((text_of(issue, "web_url", "permalink"), "Open in Sentry")),
        )
    ]


def _of_plugin(message: dict[str, Any]) -> Event:
    event = object_of(message, "event")
    number = text_of(message, "id") or text_of(event, "issue_id")
    if not number:
        raise BadEvent(blank(("id", number)))
    kept = ("project", "project_name", "culprit", "triggering_rules")
    return Event(
        EventAction.TRIGGER,
        dedup_key(f"issue:{number}"),
        summary=shorten(text_of(message, "message") or _title(event, number), SUMMARY_MAX),
        severity=severity_of(message.get("level")),
        source=text_of(message, "project_name", "project")[:300],
        details={name: message[name] for name in kept if message.get(name)},
        links=web_links((message.get("url"), "Open in Sentry")),
    )


def _title(fields: Mapping[str, Any], number: str) -> str:
    return shorten(text_of(fields, "title", "message", "culprit") or f"Sentry issue {number}", SUMMARY_MAX)


def _last_number(url: object) -> str:
    found = re.search(r"/(\d+)/?$", url) if isinstance(url, str) else None
    return found[1] if found else ""


def _listed(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


def _sample(action: str) -> Sample:
    message = {
        "action": action,
        "actor": {"id": "sentry", "name": "Sentry", "type": "application"},
        "data": {
            "description_text": "1000 events in the last 10 minutes\nFilter: level:error",
            "description_title": f"{action.title()}: Too many errors",
            "metric_alert": {
                "id": "4711",
                "identifier": "17",
                "projects": ["checkout"],
                "status": 2 if action == "resolved" else 20,
                "title": "Too many errors",
                "alert_rule": {"id": "7", "name": "Too many errors", "aggregate": "count()", "query": "level:error"},
            },
            "web_url": "https://sentry.io/organizations/example/alerts/rules/details/17/",
        },
        "installation": {"uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},
    }
    return Sample(json.dumps(message).encode(), {"sentry-hook-resource": "metric_alert"})


TOOL = Tool(
    "Sentry",
    parse,
    trigger=_sample("critical"),
    resolve=_sample("resolved"),
    counts=True,
    recipe=(
        Step(
            "In Sentry, under Settings → Custom Integrations, create an internal integration with the webhook URL", URL
        ),
        Step(
            "Turn on “Alert Rule Action”, give it the permission to read issues, and tick the webhook “issue” to be "
            "told when one is resolved"
        ),
        Step("Put its Client Secret into this key's option `secret`: what Sentry did not sign is refused then"),
        Step("In the alerts that should page, add the action “Send a notification via” this integration"),
    ),
    options={"secret": "the integration's Client Secret: what is not signed with it is refused"},
    secrets=frozenset({"secret"}),
)
