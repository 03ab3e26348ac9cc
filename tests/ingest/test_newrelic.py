"""New Relic's workflows by the template of our recipe and its own, and the older channels."""

from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import newrelic
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import as_json, gist

ISSUE: dict[str, Any] = {
    "id": "51a9b0a2-5c1a-4f7e-a9a7-2d5b7c1e3f00",
    "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/51a9b0a2?notifier=WEBHOOK",
    "title": ["Error rate above 5 % on checkout", "Latency above 2 s on checkout"],
    "priority": "CRITICAL",
    "impactedEntities": ["checkout", "payments"],
    "totalIncidents": 2,
    "state": "ACTIVATED",
    "trigger": "INCIDENT_ADDED",
    "isCorrelated": False,
    "alertPolicyNames": ["Golden signals"],
    "alertConditionNames": ["Error rate"],
    "runbookUrl": ["https://wiki.example.com/errors"],
    "workflowName": "oncall",
}
OLD: dict[str, Any] = {
    "account_id": 1,
    "condition_name": "Apdex (Low)",
    "current_state": "open",
    "details": "Apdex < 0.7 for at least 5 minutes on 'checkout'",
    "incident_id": 42,
    "incident_url": "https://alerts.newrelic.com/accounts/1/incidents/42",
    "severity": "WARNING",
    "event_type": "INCIDENT",
}


def test_an_issue_triggers_by_its_id() -> None:
    (event,) = newrelic.parse(as_json(ISSUE))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, ISSUE["id"], Severity.CRITICAL)
    assert event.summary == "Error rate above 5 % on checkout, Latency above 2 s on checkout"
    assert event.source == "checkout, payments"
    assert [link["text"] for link in event.links] == ["Runbook", "Issue in New Relic"]


@pytest.mark.parametrize(
    ("state", "action"),
    [("CREATED", "trigger"), ("ACKNOWLEDGED", "acknowledge"), ("CLOSED", "resolve"), ("closed", "resolve")],
)
def test_the_state_tells_what_happened(state: str, action: str) -> None:
    assert gist(newrelic.parse(as_json(ISSUE | {"state": state})))[0][:2] == (action, ISSUE["id"])


def test_the_older_channels_are_read_too() -> None:
    (event,) = newrelic.parse(as_json(OLD))
    assert gist([event]) == [("trigger", "42", "warning")]
    assert event.summary == "Apdex < 0.7 for at least 5 minutes on 'checkout'"


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        newrelic.parse(as_json({"title": "x", "state": None}))
    assert caught.value.problems == [
        "'id' is missing or blank",
        "'state' must be CREATED, ACTIVATED, ACKNOWLEDGED or CLOSED",
    ]
