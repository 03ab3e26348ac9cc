"""What no well-behaved program sends: everywhere it is an error of the sender's with a sentence, never of ours."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.client import TestClient
from tests.web.api.conftest import sentence
from web.app import create_app
from web.forms import LARGEST_BODY

PAGE = {"accept": "text/html"}


@pytest.fixture
def client(sqlite_settings: Settings) -> Iterator[TestClient]:
    """Somebody whom nobody knows; a fault of ours is answered as the server would answer it."""
    runtime = build_runtime(sqlite_settings, with_engine=False)
    with TestClient(create_app(runtime), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    ["/ping/%00", "/schedules/%00", "/alerts?q=%00", "/ingest/generic/%00", "/ical/%00.ics", "/api/v1/users/%00"],
)
def test_nul_in_an_address_is_refused_everywhere(client: TestClient, method: str, path: str) -> None:
    assert "NUL" in sentence(client.request(method, path, content=b"{}"), 400)


def test_to_a_browser_it_is_said_as_a_page(client: TestClient) -> None:
    refused = client.get("/schedules/%00", headers=PAGE)

    assert refused.status_code == 400
    assert "The address holds a NUL character." in refused.text
    assert refused.headers["content-type"].startswith("text/html")


def post_multipart(client: TestClient, path: str, charset: str, value: bytes) -> Any:
    head = b'--B\r\nContent-Disposition: form-data; name="handle"\r\n\r\n'
    content_type = f"multipart/form-data; boundary=B; charset={charset}"
    return client.post(path, content=head + value + b"\r\n--B--\r\n", headers={"Content-Type": content_type})


@pytest.mark.parametrize("path", ["/login", "/logout", "/callbacks/twilio/sms"])
@pytest.mark.parametrize(
    ("charset", "value"),
    [("utf-8", b"\0"), ("utf-7", b"+2AA-"), ("unicode_escape", b"\\ud800"), ("undefined", b"a"), ("utf-16", b"\0\xd8")],
)
def test_a_form_with_broken_characters_is_refused(client: TestClient, path: str, charset: str, value: bytes) -> None:
    sentence(post_multipart(client, path, charset, value), 400)


@pytest.mark.parametrize("path", ["/login", "/logout", "/me/tokens", "/callbacks/twilio/sms"])
def test_a_form_takes_no_files(client: TestClient, path: str) -> None:
    assert "Too many files" in sentence(client.post(path, files={"handle": b"a file"}), 400)


@pytest.mark.parametrize("path", ["/login", "/logout", "/alerts/1/notes", "/callbacks/twilio/sms"])
def test_a_form_that_is_too_large_is_refused_however_it_is_sent(client: TestClient, path: str) -> None:
    body = b"text=" + b"x" * LARGEST_BODY

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    in_parts = iter([body[:100], body[100:]])  # so that it does not say how long it will be

    assert "Send less" in sentence(client.post(path, content=body, headers=form), 413)
    assert "Send less" in sentence(client.post(path, content=in_parts, headers=form), 413)


def test_to_a_browser_that_is_said_as_a_page_too(client: TestClient) -> None:
    refused = client.post("/login", data={"handle": "x" * LARGEST_BODY}, headers=PAGE)

    assert refused.status_code == 413
    assert "<h1" in refused.text


def test_health_can_be_asked_for_without_a_body(client: TestClient) -> None:
    assert client.head("/health/live").status_code == 200
    assert client.head("/health/ready").status_code == 503  # no engine here


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_ping_takes_every_method_that_senders_use(client: TestClient, method: str) -> None:
    assert client.request(method, "/ping/nobodys").status_code == 404


def test_a_fault_of_ours_is_said_in_the_usual_form(client: TestClient) -> None:
    def fail() -> None:
        raise ZeroDivisionError("with something secret")

    routes: list[Any] = client.app.router.routes  # type: ignore[attr-defined]
    usual = routes[:]
    for path in ("/api/v1/broken", "/broken"):
        client.app.add_api_route(path, fail)  # type: ignore[attr-defined]

    program, browser = client.get("/api/v1/broken"), client.get("/broken", headers=PAGE)
    routes[:] = usual  # other applications have the same routes

    assert "a fault in this service" in sentence(program, 500)
    assert "secret" not in program.text + browser.text
    assert browser.status_code == 500
    assert "a fault in this service" in browser.text


def test_a_fault_of_ours_in_taking_an_event_is_too(client: TestClient) -> None:
    state = client.app.state  # type: ignore[attr-defined]
    state.runtime = replace(state.runtime, writer=None)
    event = {"routing_key": "k", "event_action": "resolve", "dedup_key": "a"}

    assert "a fault in this service" in sentence(client.post("/v2/enqueue", json=event), 500)
