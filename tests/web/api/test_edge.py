"""What every operation has in common: tokens, permissions, problems, and OpenAPI."""

from typing import Any

import pytest

from tests.client import TestClient
from tests.web.api.conftest import Caller, sentence


def test_a_call_without_a_token_is_told_how_to_send_one(client: TestClient) -> None:
    answer = client.get("/api/v1/on-call")

    assert "Authorization: Bearer" in sentence(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_unknown_token_is_refused(client: TestClient) -> None:
    assert "not known" in sentence(Caller(client, "oncall_wrong").get("/on-call"), 401)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/alerts", {"service": "web", "summary": "Disk full"}),
        ("post", "/alerts/1/acknowledge", None),
        ("post", "/tokens", {"name": "mine"}),
        (
            "post",
            "/overrides",
            {"schedule": "dev", "level": "L1", "user": "bob", "start": "2026-01-07T10:00Z", "end": "2026-01-08T10:00Z"},
        ),
    ],
)
def test_a_viewer_changes_nothing(victor: Caller, method: str, path: str, body: object) -> None:
    assert "does not allow you" in sentence(victor._send(method, path, json=body), 403)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/users", {"handle": "dave", "name": "Dave"}),
        ("delete", "/users/carol", None),
        ("get", "/config", None),
        ("post", "/config/plan", None),
        ("post", "/config/apply", None),
    ],
)
def test_only_an_admin_administers(bob: Caller, method: str, path: str, body: object) -> None:
    assert "Ask an admin" in sentence(bob._send(method, path, json=body), 403)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/services/web/integration-keys", {"name": "more", "tool": "generic"}),
        ("delete", "/services/web/integration-keys/scripts", None),
    ],
)
def test_keys_are_for_those_who_run_the_service(bob: Caller, method: str, path: str, body: object) -> None:
    assert "for admins and managers of its team" in sentence(bob._send(method, path, json=body), 403)


def test_a_misspelt_field_is_not_lost_in_silence(bob: Caller) -> None:
    answer = bob.post("/alerts", {"service": "web", "summary": "Disk full", "severty": "critical"})

    assert "severty" in sentence(answer, 422)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "give", "pieces": []}, "pieces: must have at least 1 item, not 0"),
        ({"kind": "give"}, "pieces: is missing"),
        ({"kind": "lend", "pieces": [{}]}, "kind: must be 'give', 'take', 'trade', 'take_now' or 'out_of_reach'; "),
        ({"kind": "give", "pieces": [{"schedule": "dev", "level": 1}]}, "pieces.0.level: must be a valid string"),
        ({"kind": "give", "pieces": [{"schedule": "dev", "level": "L1", "ends": 1}]}, "pieces.0.ends: is not known"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_words(bob: Caller, body: dict[str, Any], said: str) -> None:
    assert sentence(bob.post("/swaps", body), 422).startswith(said)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_characters_that_no_database_keeps_are_refused(bob: Caller, text: str) -> None:
    body = '{"service": "web", "summary": "Disk full", "details": {"log": "%s"}}'
    escaped = text.encode("utf-16-be", "surrogatepass").hex()
    sent = body % "".join(f"\\u{escaped[i : i + 4]}" for i in range(0, len(escaped), 4))
    answer = bob._send("POST", "/alerts", content=sent, headers={"Content-Type": "application/json"})

    assert "NUL or a broken character" in sentence(answer, 422)


def test_a_body_that_does_not_say_it_is_json_is_told_so(bob: Caller) -> None:
    assert "Content-Type: application/json" in sentence(bob.post("/alerts", '{"service": "web"}'), 422)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: TestClient) -> None:
    stranger = Caller(client, "oncall_wrong")

    refused = stranger.post("/alerts", {"service": "web", "summary": "x" * 1_000_000})

    assert "Send less" in sentence(refused, 413)


@pytest.mark.parametrize("path", ["/schedules/%00", "/alerts?q=%00", "/users/%00"])
def test_nul_in_an_address_is_refused(bob: Caller, path: str) -> None:
    assert "NUL" in sentence(bob.get(path), 400)


@pytest.mark.parametrize("path", ["/alerts/99999999999999999999", "/overrides/0", "/alerts/first"])
def test_a_number_that_is_none_is_said_to_be_none(bob: Caller, path: str) -> None:
    sentence(bob.get(path), 422)


@pytest.mark.parametrize("path", ["/on-call/", "/alerts/", "/users/me/"])
def test_both_slash_forms_work(bob: Caller, path: str) -> None:
    assert bob.get(path).status_code == 200


def test_every_operation_is_documented(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    ours = {
        f"{method} {path}": operation
        for path, operations in paths.items()
        if path.startswith("/api/v1/")
        for method, operation in operations.items()
    }

    assert len(ours) > 50
    assert [name for name, operation in ours.items() if not operation.get("summary")] == []
    assert [
        name for name, operation in ours.items() if not {"401", "403", "422"} <= operation["responses"].keys()
    ] == []
    assert [name for name, operation in ours.items() if not operation.get("security")] == []
    about_one = {name: operation for name, operation in ours.items() if "{" in name}
    assert [name for name, operation in about_one.items() if "404" not in operation["responses"]] == []
