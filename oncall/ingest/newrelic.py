"""New Relic's workflows with a webhook destination (https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/).

Read are the fields of its own default template, of our recipe, and of the older channels (`current_state`).
"""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, read_fields, text_in, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

_ACTIONS = {
    "CREATED": EventAction.TRIGGER,
    "ACTIVATED": EventAction.TRIGGER,
    "OPEN": EventAction.TRIGGER,
    "ACKNOWLEDGED": EventAction.ACKNOWLEDGE,
    "CLOSED": EventAction.RESOLVE,
    "DEACTIVATED": None,  # closed, but still told apart for a while
}


def parse(inbound: Inbound) -> list[Event]:
    """One Event. Raises BadEvent with every fault."""
    fields = read_fields(inbound.body)
    issue = text_of(fields, "issueId", "issue_id", "id", "incident_id")
    state = text_of(fields, "state", "current_state").upper()
    problems = blank(("id", issue))
    if state not in _ACTIONS:
        problems.append("'state' must be CREATED, ACTIVATED, ACKNOWLEDGED or CLOSED")
    if problems:
        raise BadEvent(problems)
    action = _ACTIONS[state]
    return [] if action is None else [_event(action, issue, fields)]


def _event(action: EventAction, issue: str, fields: dict[str, Any]) -> Event:
    title = _text(fields, "title") or text_of(fields, "details", "condition_name") or f"New Relic issue {issue}"
    return Event(
        action,
        dedup_key(issue),
        summary=shorten(title, SUMMARY_MAX),
        severity=severity_of(text_of(fields, "priority", "severity")),
        source=_text(fields, "impactedEntities")[:300],
        details={name: value for name, value in fields.items() if name not in ("title", "issueUrl", "incident_url")},
        links=web_links(
            (_text(fields, "runbookUrl") or text_of(fields, "runbook_url"), "Runbook"),
            (text_of(fields, "issueUrl", "incident_url"), "Issue in New Relic"),
        ),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    """A field that the template gives as a text or as a list of them."""
    value = fields.get(name)
    return ", ".join(filter(None, map(text_in, value))) if isinstance(value, list) else text_in(value)


_TEMPLATE = """{
  "id": {{json issueId}},
  "state": {{json state}},
  "priority": {{json priority}},
  "title": {{json annotations.title}},
  "description": {{json annotations.description}},
  "issueUrl": {{json issuePageUrl}},
  "runbookUrl": {{json accumulations.runbookUrl}},
  "impactedEntities": {{json entitiesData.names}},
  "totalIncidents": {{json totalIncidents}},
  "alertPolicyNames": {{json accumulations.policyName}},
  "alertConditionNames": {{json accumulations.conditionName}},
  "workflowName": {{json workflowName}}
}"""


def _sample(state: str) -> Sample:
    fields = {
        "id": "51a9b0a2-5c1a-4f7e-a9a7-2d5b7c1e3f00",
        "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/51a9b0a2",
        "title": ["Error rate above 5 % for 5 minutes on checkout"],
        "priority": "CRITICAL",
        "impactedEntities": ["checkout"],
        "totalIncidents": 1,
        "state": state,
        "alertPolicyNames": ["Golden signals"],
        "alertConditionNames": ["Error rate"],
        "workflowName": "oncall",
    }
    return Sample(json.dumps(fields).encode())


TOOL = Tool(
    "New Relic",
    parse,
    trigger=_sample("ACTIVATED"),
    resolve=_sample("CLOSED"),
    recipe=(
        Step("In New Relic, under Alerts → Destinations, add a webhook with the endpoint URL", URL),
        Step("Under Alerts → Workflows, add one that notifies it, with the payload", _TEMPLATE),
        Step("In the workflow, notify when an issue is activated, acknowledged and closed"),
    ),
)
