"""The main job, end to end and in real time: a real Alertmanager, the whole service, a Twilio over HTTP."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import col, select

from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Alert, TimelineEntry
from oncall.settings import Settings
from tests.alertmanager_server import alertmanager
from tests.application import serving_here
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.processes import ask, wait_for
from tests.scenarios.world import ALERTMANAGER_KEY, ALICE, BOB, COMPANY
from tests.system import needs

pytestmark = needs("prometheus-alertmanager")

ROUTE = """
route: {receiver: oncall, group_wait: 0s, group_interval: 1s, repeat_interval: 1h, group_by: [alertname]}
receivers:
  - name: oncall
    webhook_configs:
      - {url: "http://127.0.0.1:%d/ingest/alertmanager/%s", send_resolved: true}
"""
SHORT_WAITS = COMPANY.replace("wait: 5m", "wait: 2s").replace("wait: 10m", "wait: 60s")


def post_alert(port: int, *, ends: bool = False) -> None:
    now = datetime.now(UTC)
    alert = {
        "labels": {"alertname": "DiskFull", "instance": "db1", "severity": "critical"},
        "annotations": {"summary": "Disk full on db1"},
        "startsAt": (now - timedelta(seconds=5)).isoformat(),
    }
    if ends:
        alert["endsAt"] = now.isoformat()
    assert ask(port, "POST", "/api/v2/alerts", [alert], {"Content-Type": "application/json"}).status == 200


def test_fires_pages_l1_then_l2_is_acknowledged_by_text_and_resolves(
    settings: Settings, tmp_path: Path, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    port, alertmanager_port = free_port(), free_port()
    public_url = f"http://127.0.0.1:{port}"
    with FakeTwilio() as twilio:
        settings = settings.model_copy(
            update={
                "port": port,
                "public_url": public_url,
                "twilio_account_sid": SID,
                "twilio_auth_token": SecretStr(TOKEN),
                "twilio_from": NUMBER,
                "twilio_base_url": twilio.base_url,
            }
        )
        database = Database(settings)
        with database.transaction() as session:
            today = datetime.now(UTC) - timedelta(days=1)
            company = SHORT_WAITS.replace("2026-11-22T10:00", today.strftime("%Y-%m-%dT%H:%M"))
            apply(session, load(company), system_clock(), confirm=True)

        def story() -> list[str]:
            statement = select(TimelineEntry.text).where(TimelineEntry.alert_id == 1).order_by(col(TimelineEntry.id))
            with database.read() as session:
                return [line.split(" for ")[0] for line in session.exec(statement)]

        with serving_here(settings), alertmanager(tmp_path, alertmanager_port, ROUTE % (port, ALERTMANAGER_KEY)):
            fired_at = time.monotonic()
            post_alert(alertmanager_port)
            wait_for(lambda: len(twilio.messages) == 1)
            took = twilio.messages[0].received_at - fired_at
            figure(f"Alertmanager told → first text at the provider: {took:.3f} s")
            assert twilio.messages[0].to == ALICE
            assert "Disk full on db1" in twilio.messages[0].body

            wait_for(lambda: len(twilio.messages) == 2)
            assert twilio.messages[1].to == BOB
            wait_for(lambda: "Text to Bob Nguyen sent" in story())  # nobody answers a text within milliseconds
            answer = twilio.text(BOB, "ack 1", NUMBER, f"{public_url}/callbacks/twilio/sms")
            assert answer == "#1 acknowledged: Disk full on db1"

            post_alert(alertmanager_port, ends=True)

            def alert() -> Alert:
                with database.read() as session:
                    return session.get_one(Alert, 1)

            wait_for(lambda: alert().status == "resolved")
        told = story()
        database.close()
    assert told == [
        "Triggered by prometheus (alertmanager): Disk full on db1",
        "Paged Alice Archer (dev L1): the alert triggered",
        "Text to Alice Archer sent",
        "Paged Bob Nguyen (dev L2): no answer from Alice Archer",
        "Text to Bob Nguyen sent",
        "Acknowledged by Bob Nguyen by text",
        "Resolved by prometheus (alertmanager)",
    ]
    assert len(twilio.messages) == 2
    assert twilio.calls == []
