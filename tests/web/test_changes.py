"""Change events over HTTP: PagerDuty's answers, the plain address, and that a 202 means that it is kept."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from oncall.errors import TooManyRequests
from oncall.ingest.journal import last_requests
from oncall.ingest.rate import WINDOW, RateLimit
from oncall.models import Alert, ChangeEvent, IntegrationKey
from tests.client import TestClient
from tests.scenarios.world import ALERTMANAGER_KEY, KEY, World

CHANGE: dict[str, Any] = {"routing_key": KEY, "payload": {"summary": "deploy web #4711", "source": "ci"}}


def stored(world: World) -> list[ChangeEvent]:
    found: list[ChangeEvent] = world.ask(lambda session: list(session.exec(select(ChangeEvent))))
    return found


@pytest.mark.parametrize("path", ["/v2/change/enqueue", "/v2/change/enqueue/"])
def test_pagerdutys_form_is_answered_as_pagerduty_does_and_opens_no_alert(
    world: World, client: TestClient, path: str
) -> None:
    answer = client.post(path, json=CHANGE, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()) == (202, {"status": "success", "message": "Change event processed"})
    (change,) = stored(world)
    assert (change.summary, change.source, change.sender, change.at) == (
        "deploy web #4711",
        "ci",
        "events",
        world.clock(),
    )
    assert world.ask(lambda session: session.get(Alert, 1)) is None


@pytest.mark.parametrize("key", [KEY, ALERTMANAGER_KEY])
def test_any_live_key_of_the_service_may_tell_of_a_change(world: World, client: TestClient, key: str) -> None:
    assert client.post("/v2/change/enqueue", json=CHANGE | {"routing_key": key}).status_code == 202
    for path in (f"/ingest/change/{key}", f"/ingest/change/{key}/"):
        answer = client.post(path, json={"summary": "deploy web #4712", "by": "bob"})
        assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert [change.author for change in stored(world)] == ["", "bob", "bob"]
    with world.database.transaction() as session:
        session.exec(select(IntegrationKey).where(IntegrationKey.key == key)).one().revoked_at = world.clock()
    assert client.post(f"/ingest/change/{key}", json={"summary": "deploy web #4713"}).status_code == 404
    assert len(stored(world)) == 3


def test_an_unknown_key_is_a_400_in_pagerdutys_form_and_a_404_in_ours(world: World, client: TestClient) -> None:
    answer = client.post("/v2/change/enqueue", json=CHANGE | {"routing_key": "nobodys"})
    assert (answer.status_code, answer.json()["status"]) == (400, "invalid event")
    assert answer.json()["errors"][0].startswith("'routing_key' is not known")
    answer = client.post("/ingest/change/nobodys", json={"summary": "deploy"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert stored(world) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 9999, b"{}", b'{"summary": "\\ud800"}'])
def test_a_bad_body_is_a_400_that_names_every_fault_and_stores_nothing(
    world: World, client: TestClient, body: bytes
) -> None:
    theirs = client.post("/v2/change/enqueue", content=body)
    assert (theirs.status_code, theirs.json()["message"]) == (400, "Event object is invalid")
    ours = client.post(f"/ingest/change/{KEY}", content=body)
    assert (ours.status_code, ours.json()["title"]) == (400, "Bad event")
    assert theirs.json()["errors"] != [] != ours.json()["errors"]
    assert stored(world) == []


def test_a_key_that_sends_too_many_is_told_so_in_each_form(world: World, client: TestClient) -> None:
    world.runtime.rate_limit = RateLimit(1 / WINDOW)
    assert client.post("/v2/change/enqueue", json=CHANGE).status_code == 202

    theirs = client.post("/v2/change/enqueue", json=CHANGE)
    assert (theirs.status_code, theirs.json()["status"]) == (429, "throttle exceeded")
    ours = client.post(f"/ingest/change/{KEY}", json={"summary": "deploy web #4712"})
    assert (ours.status_code, ours.json()["title"]) == (429, TooManyRequests.title)
    assert int(theirs.headers["retry-after"]) == int(ours.headers["retry-after"]) > 0
    assert len(stored(world)) == 1
    assert client.post(f"/ingest/change/{ALERTMANAGER_KEY}", json={"summary": "deploy"}).status_code == 202


def test_changes_are_among_what_came_by_the_key_with_why_one_was_refused(world: World, client: TestClient) -> None:
    client.post("/v2/change/enqueue", json=CHANGE)
    client.post(f"/ingest/change/{KEY}", json={"token": "s3cret"})
    client.post("/v2/change/enqueue", json={"routing_key": KEY})
    world.runtime.journal.write()

    key = select(IntegrationKey).where(IntegrationKey.key == KEY)
    seen = world.ask(lambda session: list(last_requests(session, session.exec(key).one())))

    assert [each.status for each in seen] == [400, 400, 202]
    assert "'payload' is missing" in seen[0].refusal
    assert "'summary' is missing" in seen[1].refusal
    assert "s3cret" not in seen[1].body
    assert KEY not in seen[2].body
    assert [(each["action"], each["summary"]) for each in seen[2].events] == [("change", "deploy web #4711")]


def test_too_large_a_body_is_a_413_in_each_form(client: TestClient) -> None:
    for path in ("/v2/change/enqueue", f"/ingest/change/{KEY}"):
        assert client.post(path, content=b"x" * 600_000).status_code == 413


def test_unusual_characters_and_numbers_are_stored(world: World, client: TestClient) -> None:
    hostile = '{"summary": "nul \\u0000 inside", "deep": {"\\u0000": "\\u0000", "n": 1e308}}'
    assert client.post(f"/ingest/change/{KEY}", content=hostile).status_code == 202
    assert [(change.summary, change.details) for change in stored(world)] == [
        ("nul  inside", {"deep": {"": "", "n": 1e308}})
    ]


def test_a_database_that_is_full_is_a_503_that_asks_to_come_again(world: World, client: TestClient) -> None:
    def limit_pages(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    with world.database.read() as session:
        pages = session.execute(sa.text("PRAGMA page_count")).scalar_one()
    sa.event.listen(world.database.engine, "checkout", limit_pages)
    large = CHANGE | {"payload": {"summary": "deploy", "custom_details": "x" * 50_000}}
    answer = client.post("/v2/change/enqueue", json=large)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["status"]) == (503, "5", "error")
    assert client.post(f"/ingest/change/{KEY}", json=large).status_code == 503
    assert stored(world) == []


def test_changes_are_let_go_of_after_ninety_days(world: World, client: TestClient) -> None:
    client.post("/v2/change/enqueue", json=CHANGE)
    world.clock.now += timedelta(days=91)
    client.post("/v2/change/enqueue", json=CHANGE | {"payload": {"summary": "deploy web #9999"}})
    assert [change.summary for change in stored(world)] == ["deploy web #9999"]


def test_a_change_of_long_ago_is_kept_as_long_as_any_other(world: World, client: TestClient) -> None:
    for days in (200, 0):
        told = {"summary": "deploy", "at": (world.clock() - timedelta(days=days)).isoformat()}
        assert client.post(f"/ingest/change/{KEY}", json=told).status_code == 202
    assert len(stored(world)) == 2


def test_the_routing_key_may_be_in_a_header(world: World, client: TestClient) -> None:
    answer = client.post("/v2/change/enqueue", json={"payload": CHANGE["payload"]}, headers={"X-Routing-Key": KEY})
    assert (answer.status_code, len(stored(world))) == (202, 1)
