"""What is wrong is told in Opsgenie's form, with the field; nothing of it is stored, and nothing is ever a 500."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import func, select
from starlette.requests import Request

from oncall.clock import monotonic
from oncall.errors import TooManyRequests, Unavailable
from oncall.ingest.journal import last_requests
from oncall.models import Alert, Heartbeat, IntegrationKey
from oncall.opsgenie.deeds import DEEDS
from tests.application import database_of
from tests.client import TestClient
from tests.web.opsgenie.conftest import KEY, KEY_OF_SCRIPTS, Sender, story
from web.opsgenie.exchange import refusal

NUMBER = "00000000-0000-4000-8000-000000000001"
EVERYTHING = [
    ("POST", "/alerts"),
    ("GET", "/alerts"),
    ("GET", "/alerts/count"),
    ("GET", f"/alerts/{NUMBER}"),
    ("GET", f"/alerts/requests/{NUMBER}"),
    ("GET", "/heartbeats"),
    ("POST", "/heartbeats"),
    ("PATCH", "/heartbeats/nightly-backup"),
    ("DELETE", "/heartbeats/nightly-backup"),
    ("POST", "/heartbeats/nightly-backup/ping"),
    *((method, f"/alerts/{NUMBER}/{path.format(action='restart')}".rstrip("/")) for method, path in DEEDS),
]


def stored(client: TestClient) -> tuple[int, int]:
    with database_of(client).read() as session:
        return (
            session.exec(select(func.count()).select_from(Alert)).one(),
            session.exec(select(func.count()).select_from(Heartbeat)).one(),
        )


@pytest.mark.parametrize("slash", ["", "/"])
def test_without_a_key_that_we_know_nobody_is_let_in(client: TestClient, slash: str) -> None:
    for method, path in EVERYTHING:
        for key in ("", "nobody's", "x\u00ff"):
            said = Sender(client, key).refused(method, path + slash, {"message": "Disk full"}, status=401)
            assert said["message"].startswith("Could not authenticate")
        said = Sender(client, KEY_OF_SCRIPTS).refused(method, path + slash, {"message": "Disk full"}, status=403)
        assert said["code"] == 40301
    assert stored(client) == (0, 1)


@pytest.mark.parametrize("header", ["", "GenieKey", "GenieKey ", "Bearer eb243592-faa2-4ba2-a551", "Basic x"])
def test_the_key_is_in_the_header(client: TestClient, header: str) -> None:
    answer = client.post("/v2/alerts", json={"message": "x"}, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"


def test_the_key_may_be_in_the_address_and_is_masked_there(client: TestClient) -> None:
    answer = client.post(f"/v2/alerts?apiKey={KEY}", json={"message": "x"})
    assert answer.status_code == 202
    status = client.get(f"/v2/alerts/requests/{answer.json()['requestId']}?apiKey={KEY}")
    assert status.json()["data"]["isSuccess"] is True
    assert client.post("/v2/alerts?apiKey=nobody's", json={"message": "x"}).status_code == 401
    header = {"Authorization": "Bearer x"}
    assert client.post(f"/v2/alerts?apiKey={KEY}", json={"message": "x"}, headers=header).status_code == 401
    runtime = client.app.state.runtime  # type: ignore[attr-defined]
    runtime.journal.write()
    with database_of(client).read() as session:
        key = session.exec(select(IntegrationKey).where(IntegrationKey.key == KEY)).one()
        kept = {(each.status, each.path) for each in last_requests(session, key)}
    assert (202, "/v2/alerts?apiKey=•••") in kept


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 5000, b"a=b"])
def test_what_is_no_json_object_is_a_bad_request(body: bytes, sender: Sender, client: TestClient) -> None:
    sender.create()
    for method, path in EVERYTHING:
        if method not in ("GET", "DELETE") and not path.endswith("/ping"):
            sender.refused(method, path, body, status=400)
    assert stored(client) == (1, 1)
    assert len(story(client)) == 1


def test_fields_that_are_wrong_are_named(sender: Sender, client: TestClient) -> None:
    said = sender.refused("POST", "/alerts", {"message": "m" * 131, "alias": "a" * 513, "tags": 7}, status=422)
    assert said["message"] == "Request body is not processable. Please check the errors."
    assert said["errors"] == {
        "message": "must have 130 characters at most, not 131",
        "alias": "must have 512 characters at most, not 513",
        "tags": "must be a list of texts",
    }
    assert stored(client) == (0, 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "notes", {}, "note"),
        ("POST", "snooze", {}, "endTime"),
        ("POST", "assign", {}, "owner"),
        ("POST", "assign", {"owner": "alice"}, "owner"),
        ("POST", "escalate", {"escalation": []}, "escalation"),
        ("POST", "responders", {"responder": {"type": "user"}}, "responder"),
        ("POST", "tags", {"tags": []}, "tags"),
        ("POST", "details", {"details": {}}, "details"),
        ("DELETE", "tags", None, "tags"),
        ("DELETE", "details", None, "keys"),
        ("PUT", "message", {"message": "m" * 131}, "message"),
        ("PUT", "message", {}, "message"),
        ("PUT", "description", {"description": {}}, "description"),
        ("PUT", "priority", {"priority": "P6"}, "priority"),
        ("POST", "acknowledge", {"user": {}}, "user"),
        ("POST", "close", {"note": []}, "note"),
    ],
)
def test_every_deed_names_what_is_wrong(
    method: str, path: str, body: Any, field: str, sender: Sender, client: TestClient
) -> None:
    number = sender.create()
    said = sender.refused(method, f"/alerts/{number}/{path}", body, status=422)
    assert said["errors"].keys() == {field}
    assert len(story(client)) == 1


@pytest.mark.parametrize(
    "query",
    [
        *("status: ajar", "colour: red", "(status: open", "status:", "priority: P9", "count: many", "createdAt: soon"),
        *('"', "status < open", "acknowledged: perhaps", ")", "AND", "(" * 900, "NOT " * 200, "x" * 1001, "a : (b"),
        *("createdAt: 99999999999999999999", "tag: ()"),
    ],
)
def test_a_query_that_can_not_be_read_is_refused(query: str, sender: Sender) -> None:
    for path in ("/alerts", "/alerts/count"):
        assert sender.refused("GET", path, status=422, query=query)["errors"].keys() == {"query"}


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"offset": "-1"}, {"sort": "colour"}, {"order": "up"}]
)
def test_a_list_names_what_is_wrong_with_its_query(query: dict[str, str], sender: Sender) -> None:
    assert sender.refused("GET", "/alerts", status=422, **query)["errors"].keys() == query.keys()


def test_what_does_not_exist_is_not_found(sender: Sender) -> None:
    for path in ("/alerts/nothing", f"/alerts/{NUMBER}", "/alerts/9" + "9" * 30, f"/alerts/{NUMBER}/logs"):
        assert "does not exist" in sender.refused("GET", path, status=404)["message"]
    said = sender.refused("GET", f"/alerts/requests/{NUMBER}", status=404)
    assert said["message"] == "Request not found. It might not be processed, yet."
    assert sender.refused("GET", "/alerts/1", status=422, identifierType="name")["errors"].keys() == {"identifierType"}


def test_what_we_do_not_have_is_said(sender: Sender) -> None:
    for method, path in (("GET", "/alerts/saved-searches"), ("POST", f"/alerts/{NUMBER}/attachments")):
        assert sender.refused(method, path, status=403)["code"] == 40302
    sender.refused("POST", f"/alerts/{NUMBER}/explode", status=404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/alerts", "GET, POST"),
        ("POST", f"/alerts/{NUMBER}", "DELETE, GET"),
        ("GET", f"/alerts/{NUMBER}/acknowledge", "POST"),
        ("DELETE", f"/alerts/{NUMBER}/message", "PUT"),
        ("PUT", f"/alerts/{NUMBER}/tags", "DELETE, POST"),
        ("PATCH", f"/alerts/{NUMBER}/notes", "GET, POST"),
    ],
)
def test_another_method_is_told_which_there_are(method: str, path: str, allowed: str, sender: Sender) -> None:
    answer = sender.send(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert {"message", "took", "requestId"} <= answer.json().keys()


def test_a_body_that_is_too_large_is_refused(sender: Sender, client: TestClient) -> None:
    for path in ("/alerts", f"/alerts/{NUMBER}/notes", "/heartbeats"):
        sender.refused("POST", path, b'{"message": "' + b"x" * 600_000 + b'"}', status=413)
    assert stored(client) == (0, 1)


def test_too_often_and_not_stored_say_when_to_come_again() -> None:
    request = Request({"type": "http", "state": {"began": monotonic()}})
    for error in (TooManyRequests("Slow down.", retry_after=7), Unavailable("The database is away.")):
        answer = refusal(request, error)
        assert answer.status_code == error.status
        assert answer.headers["retry-after"] == str(error.retry_after)
        assert json.loads(bytes(answer.body))["message"] == error.detail


names = st.sampled_from(
    [
        *("message", "alias", "tags", "details", "priority", "responders", "note", "user", "owner", "endTime"),
        *("escalation", "responder", "team", "name", "interval", "intervalUnit", "enabled", "alertTags"),
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["P1", "days", "alice", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
bodies = st.dictionaries(names, values, max_size=5).map(lambda body: json.dumps(body).encode()) | st.binary(max_size=30)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(EVERYTHING), bodies, st.text(max_size=20))
def test_whatever_is_sent_is_answered(sender: Sender, place: tuple[str, str], body: bytes, text: str) -> None:
    method, path = place
    query = {"query": text, "tags": text} if "\0" not in text and text.isprintable() else {}
    answer = sender.send(method, path, None if method in ("GET", "DELETE") else body, **query)
    assert answer.status_code in {200, 201, 202, 400, 404, 409, 422}, answer.text
    assert {"took", "requestId"} <= answer.json().keys()


def test_an_alias_of_nothing_but_slashes_is_nobodys(client: TestClient) -> None:
    """Each was asked about in turn, as far as Python goes."""
    for kind in ("alias", "id"):
        said = Sender(client, KEY).refused("GET", f"/alerts/{'/' * 3000}db1?identifierType={kind}", status=404)
        assert said["message"].startswith(f"Alert with {kind} [//")


def test_a_query_of_words_without_end_is_refused(client: TestClient) -> None:
    for query in ("a " * 61, "tag: (" + "a " * 58 + ")", "status: open OR " * 16):
        said = Sender(client, KEY).refused("GET", f"/alerts?query={quote(query)}", status=422)
        assert said["errors"] == {"query": "must have 60 words, signs and brackets at most"}
