"""The page behind the link in a message: readable, and with what is needed to answer, without signing in."""

import re

import pytest

from oncall.lifecycle.alert import AlertStatus
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, Forms, fire, link, person, stored


@pytest.fixture
def number(runtime: Runtime) -> int:
    return fire(runtime)


def test_it_says_what_is_wrong_since_when_and_who_is_next(stranger: TestClient, runtime: Runtime, number: int) -> None:
    answer = stranger.get(link(runtime, number))

    text = " ".join(re.sub(r"<[^>]+>", "", answer.text).split())
    assert answer.status_code == 200
    assert "Disk full on db1" in text
    assert "New York time" in text, "of the person who was paged"
    assert "If nobody answers: Bob Baker (dev L2) is paged at 10:05" in text
    assert "You act as Alice Archer" in text


def test_it_is_kept_by_nobody_on_the_way(stranger: TestClient, runtime: Runtime, number: int) -> None:
    headers = stranger.get(link(runtime, number)).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


def test_what_events_bring_is_shown_as_text(stranger: TestClient, runtime: Runtime) -> None:
    evil = "<script>alert(1)</script>"

    assert evil not in stranger.get(link(runtime, fire(runtime, evil))).text


def test_somebody_else_s_alert_can_be_taken_over(
    stranger: TestClient, bob: Browser, runtime: Runtime, number: int
) -> None:
    bob.submit(f"/alerts/{number}", f"/alerts/{number}/acknowledge")
    path = link(runtime, number)
    page = stranger.get(path).text

    assert "Take it over" in page
    answer = stranger.post(path, data={**Forms(page).found[path], "action": "acknowledge"})
    assert "You have it" in answer.text
    with runtime.database.read() as session:
        assert stored(runtime, number).acknowledged_by_id == person(session, "alice").id


def test_escalating_on_two_devices_escalates_once(stranger: TestClient, runtime: Runtime, number: int) -> None:
    path = link(runtime, number)
    phone, laptop = (Forms(stranger.get(path).text).found[path] | {"action": "escalate"} for _ in range(2))

    assert "#1 escalated to Bob Baker" in stranger.post(path, data=phone).text
    place = stored(runtime, number).step
    assert "Bob Baker was paged last" in stranger.post(path, data=laptop).text
    assert "#1 escalated to Bob Baker" in stranger.post(path, data=phone).text, "sent twice, and done once"
    assert stored(runtime, number).step == place


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "acknowledge"},
        {"action": "delete", "press": "1"},
        {"action": "acknowledge", "press": "x" * 41},
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(
    stranger: TestClient, runtime: Runtime, number: int, form: dict[str, str]
) -> None:
    answer = stranger.post(link(runtime, number), data=form)

    assert answer.status_code == 400
    assert "Open the link in the message again" in answer.text
    assert stored(runtime, number).status is AlertStatus.TRIGGERED


def test_a_link_ends_when_its_owner_retires(stranger: TestClient, runtime: Runtime, number: int) -> None:
    path = link(runtime, number)
    with runtime.database.transaction() as session:
        person(session, "alice").retired_at = runtime.clock()

    answer = stranger.get(path)

    assert answer.status_code == 410
    assert "somebody who has retired" in answer.text


def test_a_made_up_link_is_said_to_be_missing(stranger: TestClient) -> None:
    answer = stranger.get("/answer/1.made-up")

    assert answer.status_code == 404
    assert "Open it again from the message" in answer.text
