"""Tools that were pointed at an address of PagerDuty's, Opsgenie's or VictorOps', and got another host only."""

import json
from typing import Any

import pytest
from sqlmodel import select

from oncall.ingest.journal import last_requests
from oncall.ingest.registry import TOOLS
from oncall.models import IntegrationKey
from tests.client import TestClient
from tests.scenarios.world import KEY, World

TOOLS_BY_URL = ("azure", "netdata", "newrelic", "opsgenie", "uptimerobot", "victorops", "zabbix")
KEY_OF_VICTOROPS = "key-of-victorops"
ADDRESSES: dict[str, tuple[int, dict[str, Any] | str]] = {
    "/integration/{key}/enqueue": (202, {"status": "success", "message": "Event processed"}),
    "/x-ere/{key}/": (202, {"status": "success", "message": "Event processed"}),
    "/adapter/azure/v1/{key}": (202, {"status": "success", "message": "Event processed"}),
    "/v1/json/azure?apiKey={key}": (200, {"status": "successful", "code": 200, "events": 1}),
    "/v1/json/integrations/webhooks/netdata?apiKey={key}": (200, {"status": "successful"}),
    "/integrations/newrelic/20140723/alert/{key}": (200, {"result": "success"}),
    "/integrations/newrelic/20140723/alert/{key}/ops": (200, {"result": "success"}),
    "/integrations/v1/alertmanager/{key}/": (200, "Ok."),
    "/oncall/integrations/v1/alertmanager/{key}/": (200, "Ok."),
}
"""What each answers to what it takes."""


@pytest.fixture
def world(world: World) -> World:
    with world.database.transaction() as session:
        session.add_all(
            IntegrationKey(service_id=1, name=tool, tool=tool, key=f"key-of-{tool}", created_at=world.clock())
            for tool in (*TOOLS_BY_URL, "nagios")
        )
    return world


def sent(client: TestClient, address: str, tool: str, **body: Any) -> Any:
    return client.post(address.format(key=f"key-of-{tool}"), **body)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_key_says_how_it_is_read_and_the_vendors_answer_is_given(
    world: World, client: TestClient, address: str
) -> None:
    status, said = ADDRESSES[address]
    for number, tool in enumerate(("azure", "netdata", "newrelic"), 1):
        trigger, resolve = TOOLS[tool].trigger, TOOLS[tool].resolve
        assert resolve is not None
        answer = sent(client, address, tool, content=trigger.body, headers=trigger.headers)
        assert answer.status_code == status
        assert answer.text == said if isinstance(said, str) else answer.json() == answer.json() | said
        assert world.alert(number).status == "triggered"
        assert sent(client, address, tool, content=resolve.body).status_code == status
        assert world.alert(number).status == "resolved"


def test_events_v2_may_have_the_key_in_the_address_alone(world: World, client: TestClient) -> None:
    payload = {"summary": "Disk full", "source": "db1", "severity": "info"}
    answer = client.post(f"/integration/{KEY}/enqueue", json={"event_action": "trigger", "payload": payload})
    made = {"event_action": "resolve", "dedup_key": answer.json()["dedup_key"]}
    assert client.post(f"/integration/{KEY}/enqueue", json=made).status_code == 202
    assert (world.alert().summary, world.alert().status) == ("Disk full", "resolved")


MACROS = {
    "CONTACTPAGER": "key-of-nagios",
    "HOSTNAME": "db1",
    "HOSTSTATE": "UP",
    "SERVICEDESC": "Disk",
    "SERVICEOUTPUT": "97 % used",
    "pd_nagios_object": "service",
    "pd_version": "1.0",
}
PROBLEM = MACROS | {"NOTIFICATIONTYPE": "PROBLEM", "SERVICESTATE": "CRITICAL"}


def test_pagerdutys_script_for_nagios_posts_all_macros_as_a_form(world: World, client: TestClient) -> None:
    for kind, state in (("PROBLEM", "CRITICAL"), ("RECOVERY", "OK")):
        fields = MACROS | {"NOTIFICATIONTYPE": kind, "SERVICESTATE": state}
        answer = client.post("/nagios/2010-04-15/create_event", data=fields)
        assert (answer.status_code, answer.json()["incident_key"]) == (200, "db1/Disk")
    assert (world.alert().summary, world.alert().status) == ("Disk on db1 is CRITICAL: 97 % used", "resolved")
    answer = client.post("/nagios/2010-04-15/create_event", data={"HOSTNAME": "db1"})
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        ["'CONTACTPAGER' is missing or blank: it is the integration key"],
    )


def test_opsgenies_plugin_for_nagios_has_the_key_in_the_message(world: World, client: TestClient) -> None:
    """https://github.com/opsgenie/opsgenie-integration, nagios2opsgenie."""
    message = {
        "apiKey": "key-of-nagios",
        "entity_type": "service",
        "notification_type": "PROBLEM",
        "host_name": "db1",
        "service_desc": "Disk",
        "service_state": "WARNING",
        "service_output": "88 % used",
    }
    assert client.post("/v1/json/nagios", json=message).status_code == 200
    assert (world.alert().summary, world.alert().severity) == ("Disk on db1 is WARNING: 88 % used", "warning")


def test_splunk_on_calls_media_type_for_zabbix_has_the_key_in_the_message(world: World, client: TestClient) -> None:
    message = {
        "VO_ORGANIZATION_KEY": "key-of-zabbix",
        "VO_ROUTING_KEY": "ops",
        "EVENT.ID": "4711",
        "TRIGGER.NAME": "High CPU",
        "TRIGGER.SEVERITY": "High",
        "HOST.NAME": "web1",
    }
    for value, status in (("1", "PROBLEM"), ("0", "OK")):
        sent = message | {"EVENT.VALUE": value, "TRIGGER.STATUS": status}
        answer = client.post("/integrations/zabbix/20140212/alert", json=sent)
        told = answer.json()
        assert (answer.status_code, told["result"]) == (200, "success")
        assert told["entity_id"].endswith(":4711")  # Zabbix counts, so that it is its key's own
    assert (world.alert().summary, world.alert().status) == ("High CPU on web1", "resolved")


def test_splunk_on_calls_action_for_appdynamics_has_it_too(world: World, client: TestClient) -> None:
    address = "/integrations/generic/20131114/alert/"
    message = {"message_type": "CRITICAL", "entity_id": "app-1", "VO_ORGANIZATION_KEY": KEY_OF_VICTOROPS}
    assert client.post(address, json=message).json() == {"result": "success", "entity_id": "app-1"}
    assert (world.alert().summary, world.alert().severity) == ("app-1", "critical")
    for key, status in (("nobody's", 404), (None, 400)):
        answer = client.post(address, json=message | {"VO_ORGANIZATION_KEY": key})
        assert (answer.status_code, answer.json()["result"]) == (status, "failure")


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/nagios/2010-04-15/create_event", {"data": PROBLEM}),
        ("/v1/json/nagios", {"json": PROBLEM | {"apiKey": "key-of-nagios"}}),
        ("/v1/json/uptimerobot?apiKey=key-of-uptimerobot&monitorID=7&alertType=1", {}),
        (
            "/ingest/nagios/key-of-nagios",
            {"json": PROBLEM | {"sent_to": {"keys": ["key-of-nagios"]}}},
        ),
        (
            f"/integrations/generic/20131114/alert/{KEY_OF_VICTOROPS}/ops",
            {"json": {"message_type": "CRITICAL", "entity_id": "a|b", "VO_ORGANIZATION_KEY": KEY_OF_VICTOROPS}},
        ),
    ],
)
def test_a_key_that_stands_in_the_message_is_not_in_the_alert(
    world: World, client: TestClient, address: str, body: dict[str, Any]
) -> None:
    assert client.post(address, **body).is_success
    assert "key-of-" not in json.dumps(world.alert().details)
    assert world.alert().details


@pytest.mark.parametrize(
    ("address", "status", "form"),
    [
        ("/integration/{key}/enqueue", 400, {"status", "message", "errors"}),
        ("/v1/json/azure?apiKey={key}", 401, {"message", "took", "requestId"}),
        ("/integrations/newrelic/20140723/alert/{key}/ops", 404, {"result", "message"}),
        ("/integrations/v1/azure/{key}/", 404, {"title", "detail"}),
    ],
)
def test_refusals_are_in_the_vendors_form_and_shown_on_the_keys_page(
    world: World, client: TestClient, address: str, status: int, form: set[str]
) -> None:
    unknown = sent(client, address, "nobody", json={})
    assert (unknown.status_code, unknown.json().keys() & form) == (status, form)
    wrong = sent(client, address, "azure", json={"data": {}})
    assert (wrong.status_code, wrong.json().keys() & form) == (400, form)
    world.runtime.journal.write()
    with world.database.read() as session:
        key = session.exec(select(IntegrationKey).where(IntegrationKey.tool == "azure")).one()
        assert [(each.status, "key-of-azure" in each.path) for each in last_requests(session, key)] == [(400, False)]


def test_opsgenies_addresses_are_taken_as_jira_service_management_has_them(world: World, client: TestClient) -> None:
    headers = {"Authorization": "GenieKey key-of-opsgenie"}
    jsm = "/jsm/ops/integration"
    assert client.post(f"{jsm}/v2/alerts", headers=headers, json={"message": "x", "alias": "a/b"}).status_code == 202
    closed = client.post(f"{jsm}/v2/alerts/a/b/close?identifierType=alias", headers=headers, json={}).json()
    status = client.get(f"{jsm}/v2/alerts/requests/{closed['requestId']}", headers=headers).json()
    assert (status["data"]["status"], world.alert().status) == ("Closed alert", "resolved")
    assert sent(client, jsm + "/v1/json/azure?apiKey={key}", "azure", content=TOOLS["azure"].trigger.body).is_success


def test_a_key_of_opsgenies_own_api_takes_nothing_in_another_tools_form(client: TestClient) -> None:
    answer = sent(client, "/v1/json/grafana?apiKey={key}", "opsgenie", json={"message": "[FIRING:1] Disk"})
    assert (answer.status_code, answer.json()["code"]) == (403, 40301)
    assert answer.json()["message"].endswith("For what another tool sends, make a key of that tool.")
    assert client.post("/v1/json/azure", json={}).status_code == 400
