"""How a body comes in, and by which method: the same for every address for events."""

import gzip
import json
from typing import Any

import pytest

from oncall.ingest.rate import WINDOW, RateLimit
from tests.client import TestClient
from tests.scenarios.world import KEY, World
from tests.web.test_ingest import TRIGGER, add_keys, stored

ENQUEUE = "/v2/enqueue"
GENERIC = "/ingest/generic/key-of-generic"
MESSAGE = json.dumps(TRIGGER).encode()


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", ""])
def test_a_body_packed_with_gzip_is_taken_whatever_its_header_says(
    coding: str, world: World, client: TestClient
) -> None:
    answer = client.post(ENQUEUE, content=gzip.compress(MESSAGE), headers={"Content-Encoding": coding})
    assert answer.status_code == 202
    assert world.alert().summary == "Disk full"


def test_a_character_set_in_place_of_a_coding_is_no_hindrance(client: TestClient) -> None:
    assert client.post(ENQUEUE, content=MESSAGE, headers={"Content-Encoding": "UTF-8"}).status_code == 202


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (gzip.compress(MESSAGE)[:-9], 400, "the body is packed with gzip, and some of it is missing"),
        (b"\x1f\x8b" + MESSAGE, 400, "the body begins as gzip does, and can't be unpacked"),
        (gzip.compress(b" " * 20_000_000), 413, "larger than 524288 bytes"),
    ],
    ids=["cut off", "no gzip", "a bomb"],
)
def test_what_can_t_be_unpacked_is_refused_with_the_reason(
    body: bytes, status: int, said: str, world: World, client: TestClient
) -> None:
    answer = client.post(ENQUEUE, content=body, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["status"]) == (status, "invalid event")
    assert said in answer.json()["errors"][0]
    assert stored(world) == 0


@pytest.mark.parametrize("path", [ENQUEUE, GENERIC, "/v2/change/enqueue", "/v2/alerts"])
def test_another_coding_is_a_415_that_says_which_is_read(path: str, client: TestClient) -> None:
    answer = client.post(path, content=b"?", headers={"Content-Encoding": "br", "Authorization": f"GenieKey {KEY}"})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip")
    assert "packed with br" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", ENQUEUE, "POST"),
        ("OPTIONS", "/generic/2010-04-15/create_event.json", "POST"),
        ("GET", GENERIC, "POST"),
        ("PUT", "/ingest/uptimerobot/any", "GET, POST"),
        ("DELETE", "/ping/any", "GET, HEAD, POST"),
        ("GET", "/ingest/change/any", "POST"),
    ],
)
def test_another_method_is_told_which_there_are(method: str, path: str, allowed: str, client: TestClient) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["detail"] == f"This address takes {allowed.replace(', ', ' or ')}."


def test_what_is_asked_opsgenies_way_and_pings_count_as_events_do(world: World, client: TestClient) -> None:
    add_keys(world, "opsgenie")
    world.runtime.rate_limit = RateLimit(1 / WINDOW)
    genie = {"Authorization": "GenieKey key-of-opsgenie"}
    closed, again = (client.post("/v2/alerts/7/close", headers=genie) for _ in range(2))
    assert (closed.status_code, again.status_code) == (202, 429)
    assert (again.headers["x-ratelimit-state"], again.json()["requestId"] != "") == ("THROTTLED", True)
    assert [client.get("/ping/any").status_code for _ in range(2)] == [404, 429]


def ask_to_send(client: TestClient, key: str) -> Any:
    return client.options(f"/ingest/cloudevents/{key}", headers={"WebHook-Request-Origin": "eventgrid.azure.net"})


def test_a_sender_of_cloudevents_is_told_that_it_may_send(world: World, client: TestClient) -> None:
    add_keys(world, "cloudevents", "generic")
    answer = ask_to_send(client, "key-of-cloudevents")
    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "eventgrid.azure.net"
    assert (answer.headers["webhook-allowed-rate"], answer.headers["allow"]) == ("*", "POST")
    for key in ("key-of-nobody", "key-of-generic"):
        refused = ask_to_send(client, key)
        assert (refused.status_code, "webhook-allowed-origin" in refused.headers) == (404, False)
    assert client.options("/ingest/cloudevents/key-of-cloudevents").status_code == 400
