"""PagerDuty Events v1 over HTTP: its answers and errors. What v1 opens, v2 closes: a key serves both."""

from typing import Any

import pytest
from starlette.responses import Response

from oncall.errors import TooManyRequests, Unavailable
from oncall.models import Alert
from tests.client import TestClient
from tests.scenarios.world import ALERTMANAGER_KEY, KEY, World
from web.pagerduty import V1_LIMITED, refusal

ENDPOINT = "/generic/2010-04-15/create_event.json"
TRIGGER: dict[str, Any] = {
    "service_key": KEY,
    "event_type": "trigger",
    "incident_key": "srv01/HTTP",
    "description": "FAILURE for production/HTTP on machine srv01",
}


@pytest.mark.parametrize("path", [ENDPOINT, f"{ENDPOINT}/"])
def test_an_event_is_answered_with_200_and_its_incident_key(world: World, client: TestClient, path: str) -> None:
    answer = client.post(path, json=TRIGGER)
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "success", "message": "Event processed", "incident_key": "srv01/HTTP"},
    )
    assert (world.alert().dedup_key, world.alert().severity) == ("srv01/HTTP", "error")


def test_an_incident_key_that_was_made_is_told_and_resolves(world: World, client: TestClient) -> None:
    made = client.post(ENDPOINT, json=TRIGGER | {"incident_key": None}).json()["incident_key"]
    for kind in ("acknowledge", "acknowledge", "resolve", "resolve"):
        event = {"service_key": KEY, "event_type": kind, "incident_key": made, "description": "seen"}
        assert client.post(ENDPOINT, json=event).status_code == 200
    assert world.story() == [
        "+0 Triggered by events (pagerduty): FAILURE for production/HTTP on machine srv01",
        "+0 Acknowledged by events (pagerduty): seen",
        "+0 From events (pagerduty): seen",
        "+0 Resolved by events (pagerduty): seen",
    ]


def test_what_v1_opens_v2_resolves(world: World, client: TestClient) -> None:
    client.post(ENDPOINT, json=TRIGGER)
    resolve = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "srv01/HTTP"}
    assert client.post("/v2/enqueue", json=resolve).status_code == 202
    assert world.alert().status == "resolved"


@pytest.mark.parametrize("key", ["nobodys", ALERTMANAGER_KEY])
def test_an_unknown_key_and_one_of_another_tool_are_a_400_that_names_the_field(client: TestClient, key: str) -> None:
    answer = client.post(ENDPOINT, json=TRIGGER | {"service_key": key})
    assert (answer.status_code, answer.json()["status"]) == (400, "invalid event")
    assert answer.json()["errors"][0].startswith("'service_key' is not known")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b"{}", b"[" * 9999, b'{"service_key": "\\ud800"}']
)
def test_a_bad_body_is_a_400_in_its_own_form_and_stores_nothing(world: World, client: TestClient, body: bytes) -> None:
    answer = client.post(ENDPOINT, content=body)
    assert (answer.status_code, answer.json()["status"], answer.json()["message"]) == (
        400,
        "invalid event",
        "Event object is invalid",
    )
    assert answer.json()["errors"] != []
    assert world.ask(lambda session: session.get(Alert, 1)) is None


def told(response: Response) -> tuple[int, str, str]:
    return response.status_code, str(bytes(response.body), "utf-8"), response.headers.get("retry-after", "")


def test_too_often_is_a_429_in_v2_and_a_403_in_v1() -> None:
    limited = TooManyRequests("This key sends too much.", retry_after=7)
    for status, response in [
        (429, refusal(limited, "routing_key")),
        (403, refusal(limited, "service_key", V1_LIMITED)),
    ]:
        answered, body, retry_after = told(response)
        assert (answered, retry_after) == (status, "7")
        assert '"status":"throttle exceeded"' in body


def test_away_is_a_503_that_asks_to_come_again() -> None:
    answered, body, retry_after = told(refusal(Unavailable("The database is away."), "service_key"))
    assert (answered, retry_after) == (503, "5")
    assert '"errors":["The database is away."]' in body
