"""Events over HTTP: what senders are told, and that nothing is stored unless they are told 202."""

import gc
import hashlib
import hmac
import json
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from oncall.ingest.registry import TOOLS
from oncall.ingest.store import MOST_EVENTS
from oncall.models import Alert, IntegrationKey, TimelineEntry
from oncall.settings import Settings
from tests.client import TestClient
from tests.scenarios.world import ALERTMANAGER_KEY, KEY, World
from tests.web.test_victorops import ENDPOINT as VICTOROPS
from tests.web.test_victorops import VICTOROPS_KEY, with_victorops

PAYLOADS = Path(__file__).parent.parent / "payloads"
TRIGGER: dict[str, Any] = {
    "routing_key": KEY,
    "event_action": "trigger",
    "dedup_key": "a",
    "payload": {"summary": "Disk full", "source": "db1", "severity": "info"},
}


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    """Without engine passes: only what is stored matters here."""
    with World(settings) as world:
        yield world


def stored(world: World) -> int:
    count: int = world.ask(lambda session: session.exec(select(func.count()).select_from(Alert)).one())
    return count


def test_pagerduty_is_answered_as_pagerduty_does(client: TestClient) -> None:
    answer = client.post("/v2/enqueue", json=TRIGGER)
    assert (answer.status_code, answer.json()) == (
        202,
        {"status": "success", "message": "Event processed", "dedup_key": "a"},
    )


def test_the_routing_key_may_be_in_a_header(world: World, client: TestClient) -> None:
    message = {name: value for name, value in TRIGGER.items() if name != "routing_key"}
    assert client.post("/v2/enqueue", json=message).status_code == 400
    assert client.post("/v2/enqueue", json=message, headers={"X-Routing-Key": "nobody's"}).status_code == 400
    for body in (message, {"event_action": "resolve", "dedup_key": "a"}):
        assert client.post("/v2/enqueue", json=body, headers={"X-Routing-Key": KEY}).status_code == 202
    assert world.alert().status == "resolved"


@pytest.mark.parametrize("path", ["/v2/enqueue/", f"/ingest/alertmanager/{ALERTMANAGER_KEY}/"])
def test_a_slash_at_the_end_is_no_redirect(client: TestClient, path: str) -> None:
    assert client.post(path, json={}, follow_redirects=False).status_code == 400


def test_an_address_with_a_slash_at_its_end_may_have_been_put_before_the_path(world: World, client: TestClient) -> None:
    assert client.post("http://testserver//v2/enqueue", json=TRIGGER).status_code == 202
    assert client.post("http://testserver//v2/alerts", json={}).json()["message"].startswith("Could not authenticate")
    assert client.get("http://testserver//").status_code == client.get("/").status_code


def test_a_file_written_on_windows_is_json(world: World, client: TestClient) -> None:
    assert client.post("/v2/enqueue", content=b"\xef\xbb\xbf" + json.dumps(TRIGGER).encode()).status_code == 202
    assert stored(world) == 1


def test_the_content_type_does_not_matter(world: World, client: TestClient) -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "image/png", ""):
        answer = client.post("/v2/enqueue", content=json.dumps(TRIGGER), headers={"Content-Type": content_type})
        assert answer.status_code == 202
    assert stored(world) == 1


def test_an_unknown_pagerduty_key_is_a_400_in_its_own_form(world: World, client: TestClient) -> None:
    answer = client.post("/v2/enqueue", json=TRIGGER | {"routing_key": "nobody's"})
    assert answer.status_code == 400
    assert answer.json()["status"] == "invalid event"
    assert answer.json()["errors"][0].startswith("'routing_key' is not known")
    assert stored(world) == 0


def test_an_unknown_revoked_or_wrong_key_is_a_404(world: World, client: TestClient) -> None:
    assert client.post("/ingest/alertmanager/nobodys", json={}).status_code == 404
    answer = client.post(f"/ingest/generic/{ALERTMANAGER_KEY}", json={"summary": "x"})
    assert answer.status_code == 404
    assert "This key is for alertmanager, not for generic" in answer.json()["detail"]
    with world.database.transaction() as session:
        key = session.exec(select(IntegrationKey).where(IntegrationKey.tool == "alertmanager")).one()
        key.revoked_at = world.clock()
        session.add(key)
    assert client.post(f"/ingest/alertmanager/{ALERTMANAGER_KEY}", json={}).status_code == 404


def test_an_unknown_tool_is_named(client: TestClient) -> None:
    answer = client.post("/ingest/carrier-pigeon/x", json={})
    assert answer.status_code == 404
    assert ", ".join(sorted(TOOLS)) in answer.json()["detail"]


def test_prometheus_appends_a_path_to_the_address_that_it_is_given(world: World, client: TestClient) -> None:
    add_keys(world, "prometheus", "generic")
    alerts = [{"labels": {"alertname": "TargetDown"}}]
    for path in ("", "/api/v2/alerts", "/api/v2/alerts/"):
        assert client.post(f"/ingest/prometheus/key-of-prometheus{path}", json=alerts).status_code == 202
    assert stored(world) == 1
    for address in (
        "/ingest/prometheus/key-of-prometheus/api/v1/alerts",
        "/ingest/generic/key-of-generic/api/v2/alerts",
    ):
        assert client.post(address, json=alerts).status_code == 404


def test_a_tool_that_sends_by_get_has_its_fields_in_the_query(world: World, client: TestClient) -> None:
    add_keys(world, "uptimerobot", "generic")
    down = {"monitorID": "7", "monitorFriendlyName": "Shop", "alertType": "1", "alertDetails": "Timeout"}
    assert client.get("/ingest/uptimerobot/key-of-uptimerobot", params=down).status_code == 202
    assert world.alert().summary == "Shop is down: Timeout"
    assert client.post("/ingest/uptimerobot/key-of-uptimerobot", params=down | {"alertType": "2"}).status_code == 202
    assert world.alert().status == "resolved"
    assert client.get("/ingest/generic/key-of-generic", params={"summary": "x"}).status_code == 405


def test_what_two_installations_both_number_7_are_two_alerts(world: World, client: TestClient) -> None:
    add_keys(world, "uptime-kuma")
    another = "key-of-another"
    with world.database.transaction() as session:
        kuma = {"service_id": 1, "name": "another", "tool": "uptime-kuma", "key": another}
        session.add(IntegrationKey(**kuma, created_at=world.clock()))
    assert client.post("/v2/enqueue", json=TRIGGER | {"dedup_key": "7"}).status_code == 202
    for key in ("key-of-uptime-kuma", another):
        down = {"heartbeat": {"monitorID": 7, "status": 0}, "monitor": {"id": 7, "name": "Shop"}}
        assert client.post(f"/ingest/uptime-kuma/{key}", json=down).status_code == 202
    assert [alert.event_count for alert in _alerts(world)] == [1, 1, 1]

    up = {"heartbeat": {"monitorID": 7, "status": 1}, "monitor": {"id": 7, "name": "Shop"}}
    assert client.post(f"/ingest/uptime-kuma/{another}", json=up).status_code == 202
    assert [alert.status for alert in _alerts(world)] == ["triggered", "triggered", "resolved"]


def _alerts(world: World) -> list[Alert]:
    return list(world.ask(lambda session: session.exec(select(Alert).order_by(col(Alert.id))).all()))


def test_a_key_with_a_secret_takes_only_what_is_signed(world: World, client: TestClient) -> None:
    add_keys(world, "sentry")
    with world.database.transaction() as session:
        session.exec(select(IntegrationKey).where(IntegrationKey.tool == "sentry")).one().options = {"secret": "s3cret"}
    sample = TOOLS["sentry"].trigger
    signature = hmac.new(b"s3cret", sample.body, hashlib.sha256).hexdigest()
    for given, status in (("", 403), ("0" * 64, 403), (signature, 202)):
        headers = {**sample.headers, "Sentry-Hook-Signature": given}
        assert client.post("/ingest/sentry/key-of-sentry", content=sample.body, headers=headers).status_code == status
    assert stored(world) == 1


def test_a_malformed_body_stores_nothing(world: World, client: TestClient) -> None:
    answer = client.post("/v2/enqueue", content=b"{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Event object is invalid")
    answer = client.post(f"/ingest/alertmanager/{ALERTMANAGER_KEY}", json={"alerts": [{"status": "firing"}]})
    assert (answer.status_code, answer.json()["errors"]) == (400, ["'alerts[0].labels' must be an object"])
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored(world) == 0


def test_a_body_that_is_too_large_is_a_413_whether_or_not_it_says_so(world: World, client: TestClient) -> None:
    def in_parts() -> Iterator[bytes]:
        for _ in range(60):
            yield b"x" * 10_000

    assert client.post("/v2/enqueue", content=b"x" * 600_000).status_code == 413
    assert client.post("/v2/enqueue", content=in_parts()).status_code == 413
    assert stored(world) == 0


@pytest.mark.parametrize("address", ["/ingest/alertmanager/{}", "/integrations/v1/alertmanager/{}/"])
def test_a_group_of_alerts_may_be_four_times_as_large(address: str, world: World, client: TestClient) -> None:
    def group(size: int) -> dict[str, Any]:
        described = {"summary": "Pod is crash looping", "description": "x" * 60_000}
        alerts = [{"status": "firing", "labels": {"pod": f"{n}"}, "annotations": described} for n in range(size)]
        return {"alerts": alerts}

    address = address.format(ALERTMANAGER_KEY)
    assert client.post(address, json=group(30)).is_success
    assert stored(world) == 30
    answer = client.post(address, json=group(40))
    assert (answer.status_code, "larger than 2097152 bytes" in answer.json()["detail"]) == (413, True)


def test_a_message_of_tens_of_thousands_of_alerts_is_refused_whole(world: World, client: TestClient) -> None:
    alerts = [{"status": "firing", "labels": {"pod": f"{number}"}} for number in range(MOST_EVENTS + 1)]
    answer = client.post(f"/ingest/alertmanager/{ALERTMANAGER_KEY}", json={"alerts": alerts})
    assert (answer.status_code, answer.json()["detail"][:32]) == (413, "The message holds 10,001 events;")
    assert stored(world) == 0


@pytest.mark.parametrize("key", [ALERTMANAGER_KEY, "nobody's"])
def test_of_what_is_refused_the_body_is_not_held(key: str, world: World, client: TestClient) -> None:
    """Not even until Python looks for what holds each other: a storm of large ones would fill the memory."""
    body = b"{" * 400_000

    def refuse(times: int) -> None:
        for _ in range(times):
            assert not client.post(f"/ingest/alertmanager/{key}", content=body).is_success

    refuse(2)  # what is loaded and kept at first
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        refuse(8)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert held < 2 * len(body)


def test_events_that_nobody_can_store_as_they_are_do_no_harm(world: World, client: TestClient) -> None:
    hostile = '{"summary": "nul \\u0000 inside", "dedup_key": "\\u0000", "details": {"deep": "\\u0000", "n": 1e308}}'
    with world.database.transaction() as session:
        session.add(
            IntegrationKey(service_id=1, name="any", tool="generic", key="generic-key", created_at=world.clock())
        )
    assert client.post("/ingest/generic/generic-key", content=hostile).status_code == 202
    for bad in (b'{"summary": "\\ud800"}', b'{"summary": "x", "n": NaN}', b'{"summary": "\xff"}', b"[" * 5000):
        assert client.post("/ingest/generic/generic-key", content=bad).status_code == 400
    assert stored(world) == 1


def test_acknowledge_and_resolve_with_nothing_open_are_accepted_without_effect(
    world: World, client: TestClient
) -> None:
    for action in ("acknowledge", "resolve"):
        event = {"routing_key": KEY, "event_action": action, "dedup_key": "never seen"}
        assert client.post("/v2/enqueue", json=event).status_code == 202
    assert stored(world) == 0


def test_an_acknowledgement_that_comes_twice_or_with_others_is_accepted(world: World, client: TestClient) -> None:
    client.post("/v2/enqueue", json=TRIGGER)
    for _ in range(3):
        acknowledge = {"routing_key": KEY, "event_action": "acknowledge", "dedup_key": "a"}
        assert client.post("/v2/enqueue", json=acknowledge).status_code == 202
    assert world.story() == [
        "+0 Triggered by events (pagerduty): Disk full",
        "+0 Acknowledged by events (pagerduty)",
    ]


def test_many_at_once_make_one_alert_a_key_and_lose_none(world: World, client: TestClient) -> None:
    def send(number: int) -> int:
        return client.post("/v2/enqueue", json=TRIGGER | {"dedup_key": f"k{number % 10}"}).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, range(200))) == {202}
    assert stored(world) == 10
    assert world.ask(lambda session: session.exec(select(func.sum(col(Alert.event_count)))).one()) == 200


def test_a_trigger_resolve_trigger_in_one_batch_ends_with_a_new_alert_open(world: World, client: TestClient) -> None:
    """While the database is held, all wait and then share one commit."""
    resolve = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "a"}
    with ThreadPoolExecutor(8) as pool:
        client.post("/v2/enqueue", json=TRIGGER)
        assert [f.result().status_code for f in [pool.submit(client.post, "/v2/enqueue", json=resolve)]] == [202]
        assert client.post("/v2/enqueue", json=TRIGGER).status_code == 202
    statuses = world.ask(lambda session: session.exec(select(Alert.status).order_by(col(Alert.id))).all())
    assert statuses == ["resolved", "triggered"]


ADDRESSES = {
    "/webhook/int-key-abc": "alertmanager",
    "/nagios/int-key": "nagios",
    "/direct": "prometheus",
}
"""How the paths begin that were captured, and the tool that sent there."""


def add_keys(world: World, *tools: str) -> None:
    """One for each of these tools, `key-of-{tool}`."""
    with world.database.transaction() as session:
        session.add_all(
            IntegrationKey(service_id=1, name=f"for-{tool}", tool=tool, key=f"key-of-{tool}", created_at=world.clock())
            for tool in tools
        )


ELSEWHERE = ("opsgenie", "cloudevents", "monit")
"""Those to Opsgenie are about one alert, one after the other: tests/web/opsgenie; the others: tests/ingest."""
CAPTURED = [file for file in sorted(PAYLOADS.glob("*/*.json")) if file.parent.name not in ELSEWHERE]


@pytest.mark.parametrize("file", CAPTURED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_real_senders_sent_is_accepted(sqlite_settings: Settings, file: Path) -> None:
    captured = json.loads(file.read_text())
    path = captured["path"].replace("/victorops/vo-key-123/", f"{VICTOROPS}/{VICTOROPS_KEY}/")
    for prefix, tool in ADDRESSES.items():
        path = path.replace(prefix, f"/ingest/{tool}/key-of-{tool}")
    headers = {k: v for k, v in captured["headers"].items() if k.lower() not in ("host", "content-length")}
    with World(sqlite_settings) as world:
        with_victorops(world)
        add_keys(world, *set(ADDRESSES.values()))
        answer = world.client.post(path, content=captured["body"].encode(), headers=headers)
        assert answer.status_code == (200 if path.startswith(VICTOROPS) else 202), answer.text
        kinds = world.ask(lambda session: session.exec(select(TimelineEntry.kind)).all())
    body = captured["body"]
    triggers = ('"trigger"', '"message_type":"CRITICAL"', "\r\nPROBLEM\r\n")
    opens = any(each in body for each in triggers) or '"status":"firing"' in body.split('"alerts"')[-1]
    assert ("triggered" in kinds) == opens
