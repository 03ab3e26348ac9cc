"""Grafana's webhook, of today's alerting and of the old one, and its signature."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import grafana
from oncall.ingest.reading import BadEvent, BadSignature, Inbound
from oncall.models import Severity
from tests.ingest.told import NOW, as_json, gist

MEMORY: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "High memory usage", "team": "blue", "zone": "us-1", "severity": "critical"},
    "annotations": {
        "description": "The system has high memory usage",
        "runbook_url": "https://myrunbook.example.org/runbook/1234",
        "summary": "This alert was triggered for zone us-1",
    },
    "startsAt": "2021-10-12T09:51:03.157076+02:00",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://play.grafana.org/alerting/1afz29v7z/edit",
    "fingerprint": "c6eadffa33fcdf37",
    "silenceURL": "https://play.grafana.org/alerting/silence/new?alertmanager=grafana",
    "dashboardURL": "",
    "panelURL": "",
    "values": {"B": 44.23943737541908, "C": 1},
}
TEST = {"alertname": "TestAlert", "instance": "Grafana"}
OLD: dict[str, Any] = {
    "dashboardId": 1,
    "evalMatches": [{"value": 1, "metric": "Count", "tags": {}}],
    "imageUrl": "https://grafana.com/assets/img/blog/mixed_styles.png",
    "message": "Notification Message",
    "orgId": 1,
    "panelId": 2,
    "ruleId": 7,
    "ruleName": "Panel Title alert",
    "ruleUrl": "http://localhost:3000/d/hZ7BuVbWz/test-dashboard?fullscreen&edit&tab=alert&panelId=2&orgId=1",
    "state": "alerting",
    "tags": {"severity": "warning"},
    "title": "[Alerting] Panel Title alert",
}


def message(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {"receiver": "oncall", "status": "firing", "orgId": 3, "alerts": list(alerts), "version": "1"}


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("DatasourceNoData", "High memory usage: no data"),
        ("DatasourceError", "High memory usage: its data source answers with an error"),
    ],
)
def test_a_rule_that_can_not_tell_says_so_and_not_that_its_limit_was_passed(name: str, summary: str) -> None:
    labels = MEMORY["labels"] | {"alertname": name, "rulename": "High memory usage", "datasource_uid": "P8E80F9"}
    (event,) = grafana.parse(as_json(message(MEMORY | {"labels": labels})))
    assert (event.summary, event.severity) == (summary, Severity.CRITICAL)


def test_an_alert_triggers_by_its_organisation_and_fingerprint() -> None:
    (event,) = grafana.parse(as_json(message(MEMORY)))
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "3:c6eadffa33fcdf37")
    assert (event.summary, event.severity) == ("This alert was triggered for zone us-1", Severity.CRITICAL)
    assert [link["text"] for link in event.links] == ["Runbook", "Rule in Grafana", "Silence in Grafana"]
    assert event.details["values"] == {"B": 44.23943737541908, "C": 1}
    assert event.labels["severity"] == "critical"


def test_the_status_of_each_alert_counts_not_its_end() -> None:
    events = grafana.parse(as_json(message(MEMORY, MEMORY | {"status": "resolved", "fingerprint": "other"})))
    assert [(action, key) for action, key, _ in gist(events)] == [
        ("trigger", "3:c6eadffa33fcdf37"),
        ("resolve", "3:other"),
    ]


def test_the_button_test_raises_no_alert() -> None:
    assert grafana.parse(as_json(message(MEMORY | {"labels": TEST}))) == []


@pytest.mark.parametrize(
    ("state", "action"), [("alerting", "trigger"), ("no_data", "trigger"), ("ok", "resolve"), ("paused", None)]
)
def test_the_old_alerting_is_read_too(state: str, action: str | None) -> None:
    events = gist(grafana.parse(as_json(OLD | {"state": state})))
    assert events == ([(action, "1:rule:7", "warning")] if action else [])


def test_the_old_button_test_raises_no_alert() -> None:
    assert grafana.parse(as_json(OLD | {"ruleId": 0})) == []


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        grafana.parse(as_json(message({"status": "on fire", "labels": {}}, {"status": "firing", "labels": []})))
    assert caught.value.problems == [
        "'alerts[0].status' must be firing or resolved",
        "'alerts[1].labels' must be an object",
    ]


BODY = json.dumps(message(MEMORY)).encode()


def signed(text: bytes, secret: str = "s3cret") -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def parse_signed(signature: str | None, body: bytes = BODY, time: str = "", **options: str) -> int:
    headers = {"x-grafana-alerting-signature": signature} if signature is not None else {}
    headers |= {"x-when": time} if time else {}
    return len(grafana.parse(Inbound(body, {"secret": "s3cret"} | options, headers, at=NOW)))


def test_what_is_signed_with_the_secret_of_the_key_is_taken() -> None:
    assert parse_signed(signed(BODY)) == 1


@pytest.mark.parametrize("signature", [None, "", "nonsense", signed(BODY, "another"), signed(BODY + b" ")])
def test_what_is_not_is_refused(signature: str | None) -> None:
    with pytest.raises(BadSignature):
        parse_signed(signature)


def test_a_signature_is_looked_at_before_the_body() -> None:
    with pytest.raises(BadSignature):
        parse_signed(None, b"{")


def test_where_the_time_is_signed_too_an_old_message_is_refused() -> None:
    now, old = str(int(NOW.timestamp())), str(int(NOW.timestamp()) - 301)
    assert parse_signed(signed(f"{now}:".encode() + BODY), time=now, timestamp_header="X-When") == 1
    for time, signature in ((old, signed(f"{old}:".encode() + BODY)), (now, signed(BODY)), ("", signed(BODY))):
        with pytest.raises(BadSignature):
            parse_signed(signature, time=time, timestamp_header="X-When")
