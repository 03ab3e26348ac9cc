"""Kibana's rules: the recipe's body, with what Kibana puts into it."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import kibana
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

ACTIVE = {
    "rule_id": "2f0e6a30-9a5b-11ee-8f1a-5d8a3b1a8f7c",
    "rule": "Error rate of checkout",
    "alert_id": "host-7",
    "action_group": "metrics.threshold.fired",
    "reason": "",
    "message": "system.cpu.user.pct is 92% in the last 1 min for host-7.\nAlert when > 90%.",
    "url": "https://kibana.example.com/app/rule/2f0e6a30",
    "details_url": "{{context.alertDetailsUrl}}",
    "tags": "shop",
}


def parse(**changes: Any) -> Event:
    (event,) = kibana.parse(Inbound(json.dumps(ACTIVE | changes).encode()))
    return event


def test_an_active_alert_triggers() -> None:
    event = parse()
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, f"{ACTIVE['rule_id']}/host-7")
    assert event.summary == (
        "Error rate of checkout: system.cpu.user.pct is 92% in the last 1 min for host-7. Alert when > 90%."
    )
    assert event.links == [{"href": ACTIVE["url"], "text": "Rule in Kibana"}]


@pytest.mark.parametrize("group", ["recovered", "Recovered"])
def test_it_resolves_when_it_recovers(group: str) -> None:
    assert (parse(action_group=group).action, parse(action_group=group).dedup_key) == (
        EventAction.RESOLVE,
        parse().dedup_key,
    )


@pytest.mark.parametrize(
    ("group", "severity"),
    [
        ("metrics.threshold.warning", Severity.WARNING),
        ("query matched", Severity.ERROR),
        ("metrics.threshold.nodata", Severity.ERROR),
    ],
)
def test_the_action_group_may_say_how_severe_it_is(group: str, severity: Severity) -> None:
    assert parse(action_group=group).severity is severity


def test_the_body_may_say_it_outright() -> None:
    assert parse(severity="critical").severity is Severity.CRITICAL


def test_a_rule_that_knows_no_alerts_is_one() -> None:
    assert parse(alert_id=None, message="").dedup_key == f"{ACTIVE['rule_id']}/*"


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        kibana.parse(Inbound(b'{"rule_id": "{{rule.id}}", "message": "x"}'))
    assert refused.value.problems == ["'rule_id' is missing or blank", "'action_group' is missing or blank"]
