"""Senders of Opsgenie's that only change its address: the real Alertmanager's receiver and Opsgenie's own SDK."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import opsgenie_sdk
import pytest
from sqlmodel import col, select

from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Severity, TimelineEntry
from oncall.settings import Settings
from tests.alertmanager_server import alertmanager
from tests.application import serving_here
from tests.processes import ask
from tests.scenarios.world import COMPANY
from tests.system import needs

KEY = "genie-key-of-the-old-account"
BY = "old-account (opsgenie)"
CONFIG = """
global: {opsgenie_api_url: "http://127.0.0.1:%d/"}
route: {receiver: oncall, group_wait: 0s, group_interval: 1s, repeat_interval: 1h, group_by: [alertname]}
receivers:
  - name: oncall
    opsgenie_configs:
      - api_key: %s
        update_alerts: true
        priority: '{{ if eq .CommonLabels.severity "critical" }}P1{{ else }}P4{{ end }}'
        tags: '{{ .CommonLabels.severity }}'
        responders: [{name: dev, type: team}]
"""


@pytest.fixture
def served(settings: Settings, free_port: Callable[[], int]) -> Iterator[Settings]:
    settings = settings.model_copy(update={"port": free_port()})
    database = Database(settings)
    with database.transaction() as session:
        key = f"{{name: old-account, tool: opsgenie, key: {KEY}}}"
        company = COMPANY.replace("    integration_keys:\n", f"    integration_keys:\n      - {key}\n")
        apply(session, load(company), system_clock(), confirm=True)
    database.close()
    with serving_here(settings):
        yield settings


@pytest.fixture
def told(served: Settings) -> Iterator[Callable[[int], tuple[Alert | None, list[str]]]]:
    database = Database(served)

    def ask_for(number: int) -> tuple[Alert | None, list[str]]:
        story = select(TimelineEntry.text).where(TimelineEntry.alert_id == number).order_by(col(TimelineEntry.id))
        with database.read() as session:
            return session.get(Alert, number), list(session.exec(story))

    yield ask_for
    database.close()


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def post_alerts(port: int, *instances: str, severity: str = "warning", ended: bool = False) -> None:
    now = datetime.now(UTC)
    alerts = [
        {
            "labels": {"alertname": "DiskFull", "instance": instance, "severity": severity},
            "startsAt": (now - timedelta(seconds=5)).isoformat(),
            **({"endsAt": now.isoformat()} if ended else {}),
        }
        for instance in instances
    ]
    assert ask(port, "POST", "/api/v2/alerts", alerts, {"Content-Type": "application/json"}).status == 200


@needs("prometheus-alertmanager")
def test_the_alertmanager_creates_updates_and_closes(
    served: Settings, told: Callable[[int], Any], tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    with alertmanager(tmp_path, port, CONFIG % (served.port, KEY)):
        post_alerts(port, "db1")
        wait_for(lambda: told(1)[0] is not None)
        alert = told(1)[0]
        assert (alert.summary, alert.severity) == ("[FIRING:1] DiskFull (db1 warning)", Severity.WARNING)
        assert alert.details["tags"] == ["warning"]
        post_alerts(port, "db2")
        wait_for(lambda: told(1)[0].summary == "[FIRING:2] DiskFull (warning)")
        post_alerts(port, "db1", "db2", ended=True)
        wait_for(lambda: told(1)[0].status is AlertStatus.RESOLVED)
    assert told(1)[1][0] == f"Triggered by {BY}: [FIRING:1] DiskFull (db1 warning)"
    assert told(1)[1][-1] == f"Resolved by {BY}"
    assert told(2)[0] is None


@pytest.fixture
def sdk(served: Settings) -> opsgenie_sdk.ApiClient:
    configuration = opsgenie_sdk.Configuration()
    configuration.host = f"http://127.0.0.1:{served.port}"
    configuration.api_key["Authorization"] = KEY
    configuration.retry_enabled = False
    return opsgenie_sdk.ApiClient(configuration)


def test_the_sdk_asks_how_each_of_its_requests_went(sdk: Any, told: Callable[[int], Any]) -> None:
    api = opsgenie_sdk.AlertApi(sdk)

    def went(answer: Any) -> Any:
        assert answer.result == "Request will be processed"
        status = api.get_request_status(answer.request_id).data
        assert status.is_success, status
        return status

    created = went(
        api.create_alert(
            opsgenie_sdk.CreateAlertPayload(
                message="Disk full on db1", alias="db1-disk", priority="P1", tags=["disk"], details={"mount": "/var"}
            )
        )
    )
    assert (created.action, created.alias) == ("Create", "db1-disk")
    shown = api.get_alert(created.alert_id).data
    assert (shown.message, shown.priority, shown.tags) == ("Disk full on db1", "P1", ["disk"])
    assert (shown.status, shown.details, shown.tiny_id) == ("open", {"mount": "/var"}, "1")

    alias = {"identifier": "db1-disk", "identifier_type": "alias"}
    went(api.add_note(add_note_to_alert_payload=opsgenie_sdk.AddNoteToAlertPayload(note="looking"), **alias))
    went(api.add_tags(add_tags_to_alert_payload=opsgenie_sdk.AddTagsToAlertPayload(tags=["later"]), **alias))
    went(api.acknowledge_alert(acknowledge_alert_payload=opsgenie_sdk.AcknowledgeAlertPayload(user="alice"), **alias))
    until = datetime.now(UTC) + timedelta(hours=1)
    went(api.snooze_alert(snooze_alert_payload=opsgenie_sdk.SnoozeAlertPayload(end_time=until), **alias))
    went(api.un_acknowledge_alert(**alias))
    went(
        api.update_alert_priority(update_alert_priority_payload=opsgenie_sdk.UpdateAlertPriorityPayload("P2"), **alias)
    )
    (listed,) = api.list_alerts(query="status: open AND tag: later", limit=10).data
    assert listed.id == created.alert_id
    assert api.count_alerts(query="status: open").data.count == 1
    went(api.close_alert(**alias))

    assert told(1)[0].status is AlertStatus.RESOLVED
    logs = [log.log for log in api.list_logs("1", identifier_type="tiny", order="asc").data]
    assert [line for line in logs if BY in line and not line.startswith("Paged")] == [
        f"Triggered by {BY}: Disk full on db1",
        f"{BY}: looking",
        f"Tags later added by {BY}",
        f"Acknowledged by Alice Archer through {BY}",
        f"Snoozed for 1 h by {BY}",
        f"Unacknowledged by {BY}: paging again from the first step",
        f"Priority changed by {BY}",
        f"Severity changed to error by {BY}",
        f"Resolved by {BY}",
    ]
    nothing = api.close_alert("gone", identifier_type="alias")
    assert api.get_request_status(nothing.request_id).data.status == "Alert does not exist"


def test_the_sdk_keeps_heartbeats(sdk: Any) -> None:
    api = opsgenie_sdk.HeartbeatApi(sdk)
    new = opsgenie_sdk.CreateHeartbeatPayload(name="db backup", interval=1, interval_unit="days", enabled=True)
    assert api.create_heartbeat(new).data.interval_unit == "days"
    assert api.ping("db backup").result == "PONG - Heartbeat received"
    assert api.get_heartbeat("db backup").data.expired is False
    assert api.disable_heartbeat("db backup").data.enabled is False
    assert api.enable_heartbeat("db backup").data.enabled is True
    changes = opsgenie_sdk.UpdateHeartbeatPayload(interval=12, interval_unit="hours", enabled=True)
    assert api.update_heartbeat("db backup", update_heartbeat_payload=changes).data.name == "db backup"
    assert [each.name for each in api.list_heart_beats().data.heartbeats] == ["db backup", "nightly-backup"]
    assert api.delete_heartbeat("db backup").result == "Deleted"
    with pytest.raises(opsgenie_sdk.ApiException):
        api.get_heartbeat("db backup")
