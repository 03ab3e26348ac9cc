"""Google Cloud Monitoring's webhooks, schema 1.2."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import google
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

INCIDENT = {
    "incident_id": "0.opqiw61fsv7p",
    "scoping_project_id": "internal-project",
    "url": "https://console.cloud.google.com/monitoring/alerting/incidents/0.opqiw61fsv7p?project=internal-project",
    "started_at": 1577840461,
    "ended_at": None,
    "state": "open",
    "resource_id": "11223344",
    "resource_name": "internal-project gke-cluster-1-default-pool-e2df4cbd-dgp3",
    "resource_display_name": "gke-cluster-1-default-pool-e2df4cbd-dgp3",
    "resource": {"type": "gce_instance", "labels": {"zone": "us-central1-c"}},
    "policy_name": "Monitor-Project-Cluster",
    "policy_user_labels": {"user-label-1": "important label"},
    "condition_name": "VM Instance - CPU utilization [MAX]",
    "threshold_value": "0.9",
    "observed_value": "0.985",
    "documentation": {"content": "TEST ALERT", "mime_type": "text/markdown"},
    "summary": "CPU utilization is above the threshold of 0.900 with a value of 0.985.",
}


def parse(**changes: Any) -> Event:
    (event,) = google.parse(Inbound(json.dumps({"incident": INCIDENT | changes, "version": "1.2"}).encode()))
    return event


def test_a_test_of_the_channel_is_no_problem() -> None:
    tried = {"version": "test", "incident": {"incident_id": "12345", "state": "OPEN", "summary": "Test Incident"}}
    assert google.parse(Inbound(json.dumps(tried).encode())) == []


def test_an_open_incident_triggers() -> None:
    event = parse()
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "0.opqiw61fsv7p", Severity.ERROR)
    assert event.summary.startswith("Monitor-Project-Cluster: CPU utilization is above the threshold")
    assert event.source == "gke-cluster-1-default-pool-e2df4cbd-dgp3"
    assert event.links == [{"href": INCIDENT["url"], "text": "Incident in Google Cloud"}]


@pytest.mark.parametrize("state", ["closed", "CLOSED", "Closed"])
def test_a_closed_one_resolves_however_it_is_written(state: str) -> None:
    event = parse(state=state, ended_at=1577877071)
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, "0.opqiw61fsv7p")


def test_an_acknowledged_one_acknowledges() -> None:
    assert parse(state="ACKNOWLEDGED").action is EventAction.ACKNOWLEDGE


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity": "Critical"}, Severity.CRITICAL),
        ({"severity": "Warning"}, Severity.WARNING),
        ({"severity": "No severity"}, Severity.ERROR),
        ({"policy_user_labels": {"severity": "info"}}, Severity.INFO),
    ],
)
def test_the_policy_says_how_severe_it_is(fields: dict[str, Any], severity: Severity) -> None:
    assert parse(**fields).severity is severity


def test_links_of_the_documentation_are_kept() -> None:
    links = [{"displayName": "Runbook", "url": "https://wiki.example.com/cpu"}, "odd", {"url": "javascript:alert(1)"}]
    assert parse(documentation={"links": links}).links[1:] == [
        {"href": "https://wiki.example.com/cpu", "text": "Runbook"}
    ]


def test_nulls_do_no_harm() -> None:
    event = parse(summary=None, policy_name=None, policy_user_labels=None, documentation=None, condition_name=None)
    assert event.summary == "Google Cloud incident"


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        google.parse(Inbound(b'{"version": "test", "incident": null}'))
    assert refused.value.problems == [
        "'incident.incident_id' is missing or blank",
        "'incident.state' must be open, acknowledged or closed",
    ]
