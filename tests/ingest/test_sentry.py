"""Sentry's webhooks: metric alerts, issue alerts, issues, the old plugin; and their signature."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import sentry
from oncall.ingest.reading import BadEvent, BadSignature, Inbound
from oncall.models import Severity
from tests.ingest.told import as_json, gist

METRIC: dict[str, Any] = {
    "action": "critical",
    "actor": {"id": "sentry", "name": "Sentry", "type": "application"},
    "data": {
        "description_text": "1000 events in the last 10 minutes\nFilter: level:error",
        "description_title": "Critical: Too many errors",
        "metric_alert": {
            "alert_rule": {"id": "7", "name": "Too many errors", "aggregate": "count()", "threshold_type": 0},
            "date_closed": None,
            "id": "4",
            "identifier": "3",
            "organization_id": "1",
            "projects": ["cool-project"],
            "status": 20,
            "title": "Too many errors",
        },
        "web_url": "https://sentry.io/organizations/test-org/issues/1170820242/",
    },
    "installation": {"uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},
}
ISSUE_ALERT: dict[str, Any] = {
    "action": "triggered",
    "data": {
        "event": {
            "event_id": "e4874d664c3540c1a32eab185f12c5ab",
            "culprit": "?(<anonymous>)",
            "issue_url": "https://sentry.io/api/0/issues/1170820242/",
            "issue_id": "1170820242",
            "level": "error",
            "title": "ReferenceError: heck is not defined",
            "web_url": "https://sentry.io/organizations/test-org/issues/1170820242/events/e4874d664c35/",
        },
        "triggered_rule": "Very Important Alert Rule!",
    },
}
ISSUE: dict[str, Any] = {
    "action": "resolved",
    "data": {
        "issue": {
            "id": "1170820242",
            "shortId": "IPE-1",
            "title": "ReferenceError: heck is not defined",
            "culprit": "?(<anonymous>)",
            "level": "error",
            "status": "resolved",
            "web_url": "https://sentry.io/organizations/test-org/issues/1170820242/",
        }
    },
}
PLUGIN: dict[str, Any] = {
    "id": "1170820242",
    "project": "cool-project",
    "project_name": "Cool project",
    "level": "fatal",
    "culprit": "raven.scripts.runner in main",
    "message": "This is an example Python exception",
    "url": "https://sentry.io/organizations/test-org/issues/1170820242/",
    "triggering_rules": ["a rule"],
    "event": {"event_id": "e4874d664c3540c1a32eab185f12c5ab", "title": "This is an example"},
}


def test_a_metric_alert_triggers_by_its_id() -> None:
    (event,) = sentry.parse(as_json(METRIC, {"sentry-hook-resource": "metric_alert"}))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "metric-alert:4", Severity.CRITICAL)
    assert (event.summary, event.source) == ("Critical: Too many errors", "cool-project")
    assert [link["text"] for link in event.links] == ["Open in Sentry"]


def test_it_may_sink_to_a_warning_and_resolve() -> None:
    assert gist(sentry.parse(as_json(METRIC | {"action": "warning"}))) == [("trigger", "metric-alert:4", "warning")]
    assert gist(sentry.parse(as_json(METRIC | {"action": "resolved"})))[0][:2] == ("resolve", "metric-alert:4")


def test_an_issue_alert_is_resolved_by_its_issue() -> None:
    (alert,), (issue,) = sentry.parse(as_json(ISSUE_ALERT)), sentry.parse(as_json(ISSUE))
    assert (alert.action, issue.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert alert.dedup_key == issue.dedup_key == "issue:1170820242"
    assert (alert.summary, alert.details["rule"]) == (
        "ReferenceError: heck is not defined",
        "Very Important Alert Rule!",
    )


def test_the_address_of_the_issue_will_do_for_its_number() -> None:
    event = {name: value for name, value in ISSUE_ALERT["data"]["event"].items() if name != "issue_id"}
    assert gist(sentry.parse(as_json(ISSUE_ALERT | {"data": {"event": event}})))[0][1] == "issue:1170820242"


@pytest.mark.parametrize(
    ("action", "did"),
    [
        ("created", "trigger"),
        ("unresolved", "trigger"),
        ("archived", "resolve"),
        ("ignored", "resolve"),
        ("assigned", None),
    ],
)
def test_what_happens_to_an_issue(action: str, did: str | None) -> None:
    events = gist(sentry.parse(as_json(ISSUE | {"action": action})))
    assert [event[0] for event in events] == ([did] if did else [])


def test_the_old_plugin_is_read_too() -> None:
    assert gist(sentry.parse(as_json(PLUGIN))) == [("trigger", "issue:1170820242", "critical")]


@pytest.mark.parametrize("resource", ["installation", "comment", "error", "seer"])
def test_other_resources_are_no_problems(resource: str) -> None:
    message = {"action": "created", "data": {"anything": {"uuid": "a8e5d37a"}}}
    assert sentry.parse(as_json(message, {"sentry-hook-resource": resource})) == []


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        sentry.parse(as_json({"action": "explode", "data": {"metric_alert": {"title": "x"}}}))
    assert caught.value.problems == [
        "'data.metric_alert.id' is missing or blank",
        "'action' must be critical, warning or resolved",
    ]


def test_only_what_the_client_secret_signed_is_taken() -> None:
    body = json.dumps(METRIC).encode()
    right = hmac.new(b"client-secret", body, hashlib.sha256).hexdigest()

    def parse(headers: dict[str, str]) -> int:
        return len(sentry.parse(Inbound(body, {"secret": "client-secret"}, headers)))

    assert parse({"sentry-hook-signature": right}) == 1
    for headers in ({}, {"sentry-hook-signature": "0" * 64}, {"sentry-hook-signature": "ÿ"}):
        with pytest.raises(BadSignature):
            parse(headers)
