"""Datadog's webhooks: the body of our recipe, its own default one, and variables that stay as they were written."""

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import datadog
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import as_form, as_json, gist

CPU = {
    "alert_cycle_key": "5e8d1c3a4f0b4b6f",
    "aggreg_key": "9bd4ac313a4d1e8fae2482df7b77628",
    "alert_id": "1234",
    "alert_transition": "Triggered",
    "alert_type": "error",
    "alert_priority": "P1",
    "alert_title": "CPU is high on web1",
    "title": "[P1] [Triggered on {host:web1}] CPU is high on web1",
    "hostname": "web1",
    "link": "https://app.datadoghq.com/event/jump_to?event_id=123456",
}
DEFAULT = {
    "id": "123456",
    "last_updated": "1417600000000",
    "event_type": "metric_alert_monitor",
    "title": "[Triggered on {host:web1}] CPU is high",
    "date": "1417600000000",
    "org": {"id": "11023", "name": "Example"},
    "body": "%%%\nCPU is high\n%%%",
}


def parse(**changed: str) -> list[tuple[str, str, str]]:
    return gist(datadog.parse(as_json(CPU | changed)))


def test_an_alert_triggers_by_its_cycle() -> None:
    (event,) = datadog.parse(as_json(CPU))
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "5e8d1c3a4f0b4b6f")
    assert (event.summary, event.severity, event.source) == ("CPU is high on web1", Severity.CRITICAL, "web1")
    assert [link["text"] for link in event.links] == ["Open in Datadog"]


@pytest.mark.parametrize(
    ("transition", "action"),
    [
        ("Re-Triggered", "trigger"),
        ("No Data", "trigger"),
        ("Re-No Data", "trigger"),
        ("Warn", "trigger"),
        ("Renotify", "trigger"),
        ("Recovered", "resolve"),
    ],
)
def test_the_transition_tells_what_happened(transition: str, action: str) -> None:
    assert parse(alert_transition=transition)[0][:2] == (action, "5e8d1c3a4f0b4b6f")


def test_without_a_key_of_its_own_each_scope_of_a_monitor_is_an_alert() -> None:
    nothing = {"alert_cycle_key": "$ALERT_CYCLE_KEY", "aggreg_key": ""}
    assert parse(**nothing, alert_scope="host:web1")[0][1] == "1234:host:web1"
    assert parse(**nothing, alert_scope="host:web2", alert_transition="Recovered")[0][1] == "1234:host:web2"
    assert parse(**nothing, alert_scope="$ALERT_SCOPE")[0][1] == "1234"


def test_a_warning_is_one_whatever_the_priority_of_the_monitor() -> None:
    assert parse(alert_transition="Re-Warn")[0][2] == "warning"
    assert parse(alert_priority="P3")[0][2] == "warning"


def test_without_a_cycle_the_aggregation_key_counts() -> None:
    assert parse(alert_cycle_key="$ALERT_CYCLE_KEY")[0][1] == "9bd4ac313a4d1e8fae2482df7b77628"


def test_variables_that_do_not_apply_still_page() -> None:
    sent = {"alert_cycle_key": "$ALERT_CYCLE_KEY", "alert_transition": "null", "alert_priority": "$ALERT_PRIORITY"}
    assert gist(datadog.parse(as_json(sent | {"title": "Deploy failed"}))) == [("trigger", "Deploy failed", "error")]


def test_of_the_default_body_the_title_tells_and_its_recovery_meets_it() -> None:
    recovered = DEFAULT | {"title": "[Recovered on {host:web1}] CPU is high"}
    (triggered,), (over,) = datadog.parse(as_json(DEFAULT)), datadog.parse(as_json(recovered))
    assert (triggered.action, over.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert triggered.dedup_key == over.dedup_key == "on {host:web1} CPU is high"
    assert triggered.summary == "CPU is high"


def test_the_end_of_a_scope_is_not_looked_for_far_away() -> None:
    """Of each that begins: in a title of nothing but beginnings that took half a minute."""
    (event,) = datadog.parse(as_json(DEFAULT | {"title": f"[Triggered on {{{'x' * 501}}}] CPU is high"}))
    assert event.summary.startswith("[Triggered on {xxx")


def test_a_form_is_read_too() -> None:
    assert gist(datadog.parse(as_form(**CPU)))[0][1] == "5e8d1c3a4f0b4b6f"


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(BadEvent, match="'title' is missing or blank"):
        datadog.parse(as_json({"title": "$EVENT_TITLE"}))
