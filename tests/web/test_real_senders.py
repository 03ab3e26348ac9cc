"""Senders of PagerDuty and VictorOps as they are: PagerDuty's own clients, and Alertmanager's receivers."""

import ssl
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pagerduty
import pytest
from pagerduty.errors import HttpError
from sqlmodel import col, select

from oncall.models import Alert, ChangeEvent
from tests.alertmanager_server import alertmanager
from tests.application import listening
from tests.scenarios.test_real_alertmanager import post_alert, wait_for
from tests.scenarios.world import KEY, World
from tests.system import needs
from tests.web.test_victorops import ENDPOINT, VICTOROPS_KEY, with_victorops

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks to use its successor, which is tried here too
    import pdpyras

BUILD = [{"href": "https://ci.example.org/4711", "text": "Build 4711"}]
DETAILS = {"rate": 12, "queue": ["a", "b"]}


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with listening(world.client.app) as address:
        yield address


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    file = tmp_path / "oncall.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=oncall"]
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", str(tmp_path / "certificate.pem")]
    subprocess.run([*made, *named], check=True, capture_output=True)
    file.write_text(file.read_text() + (tmp_path / "certificate.pem").read_text())
    return file


def alerts(world: World) -> list[Alert]:
    found: list[Alert] = world.ask(lambda session: session.exec(select(Alert).order_by(col(Alert.id))).all())
    return found


def changes(world: World) -> list[ChangeEvent]:
    found: list[ChangeEvent] = world.ask(lambda session: session.exec(select(ChangeEvent)).all())
    return found


def check_life(world: World, client: Any) -> None:
    """What either client of PagerDuty's opens, acknowledges and resolves."""
    made = client.trigger("Error rate 12 %", "web1", severity="warning", custom_details=DETAILS, links=BUILD)
    (alert,) = alerts(world)
    assert (alert.dedup_key, alert.summary, alert.source, alert.severity) == (
        made,
        "Error rate 12 %",
        "web1",
        "warning",
    )
    assert (alert.details, alert.links) == (DETAILS, BUILD)
    assert client.trigger("Error rate 15 %", "web1", dedup_key=made) == made
    assert client.acknowledge(made) == made
    assert client.resolve(made) == made
    assert world.story() == [
        "+0 Triggered by events (pagerduty): Error rate 12 %",
        "+0 Critical from events (pagerduty): Error rate 15 %",
        "+0 Acknowledged by events (pagerduty)",
        "+0 Resolved by events (pagerduty)",
    ]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_pdpyras(world: World, address: str) -> None:
    with pdpyras.EventsAPISession(KEY) as events, pdpyras.ChangeEventsAPISession(KEY) as told:
        events.url = told.url = address
        check_life(world, events)
        told.submit("deploy web #4711", source="ci", custom_details={"user": "bob"}, links=BUILD)
    with pdpyras.EventsAPISession("f" * 32) as unknown:
        unknown.url = address
        with pytest.raises(pdpyras.PDHTTPError, match="'routing_key' is not known"):
            unknown.trigger("Error rate 12 %", "web1")
    (change,) = changes(world)
    assert (change.summary, change.source, change.author, change.links) == ("deploy web #4711", "ci", "bob", BUILD)


@needs("openssl")
def test_pagerdutys_own_client_which_speaks_nothing_but_tls(world: World, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with listening(world.client.app, certificate) as address:
        with pagerduty.EventsApiV2Client(KEY, base_url=address, verify=trusting) as client:
            check_life(world, client)
            at = world.clock().isoformat() + "Z"  # as it would write it itself, but for a fault of version 7.2
            client.submit("deploy web #4711", "ci", {"user": "bob"}, BUILD, timestamp=at)
        with (
            pagerduty.EventsApiV2Client("f" * 32, base_url=address, verify=trusting) as unknown,
            pytest.raises(HttpError, match="'routing_key' is not known"),
        ):
            unknown.trigger("Error rate 12 %", "web1")
    (change,) = changes(world)
    assert (change.summary, change.source, change.author, change.links) == ("deploy web #4711", "ci", "bob", BUILD)


RECEIVERS = """
global: {pagerduty_url: "%s/v2/enqueue", victorops_api_url: "%s/"}
route: {receiver: both, group_wait: 0s, group_interval: 1s, repeat_interval: 1h, group_by: [alertname]}
receivers:
  - name: both
    pagerduty_configs: [{routing_key: "%s", severity: "{{ .CommonLabels.severity }}"}]
    victorops_configs: [{api_key: "%s", routing_key: database}]
"""


@needs("prometheus-alertmanager")
def test_alertmanagers_receivers_for_pagerduty_and_victorops(
    world: World, address: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    world.apply("services: [{name: shop, escalation_policy: dev}]")  # or both would be about one alert
    with_victorops(world, service_id=2)
    port, receivers = free_port(), RECEIVERS % (address, address + ENDPOINT, KEY, VICTOROPS_KEY)
    with alertmanager(tmp_path, port, receivers):
        post_alert(port)
        wait_for(lambda: len(alerts(world)) == 2)
        by_pagerduty, by_victorops = sorted(alerts(world), key=lambda alert: alert.service_id)
        post_alert(port, ends=True)
        wait_for(lambda: {alert.status for alert in alerts(world)} == {"resolved"})
    for alert in (by_pagerduty, by_victorops):
        assert alert.summary == "[FIRING:1] DiskFull (db1 critical)"
        assert (alert.severity, alert.source) == ("critical", "Alertmanager")
    assert str(by_pagerduty.details["num_firing"]) == "1"  # a newer Alertmanager sends a number
    assert by_pagerduty.links[0]["text"] == "Alertmanager"
    assert "summary = Disk full on db1" in by_victorops.details["state_message"]
    assert by_victorops.details["routing_key"] == "database"
