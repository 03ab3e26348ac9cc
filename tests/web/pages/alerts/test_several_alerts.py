"""The list of alerts, narrowed down, and several answered at once."""

import pytest

from oncall.alerts.actions import Actor, acknowledge, resolve
from oncall.alerts.listing import LOOKED_THROUGH, AlertFilter, look_through
from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, fire, person, stored
from tests.web.pages.conftest import NOW, Clock


def with_teams(runtime: Runtime) -> None:
    services = [{"name": "web", "team": "dev"}, {"name": "search", "team": "find", "urgency": "low"}]
    teams = [{"name": "dev", "members": ["alice"]}, {"name": "find", "members": ["bob"]}]
    with runtime.database.transaction() as session:
        policy = {"escalation_policy": "dev"}
        apply(session, Config.model_validate({"teams": teams, "services": [each | policy for each in services]}), NOW)


@pytest.mark.parametrize(
    ("query", "web", "search"),
    [
        ("team=dev", True, False),
        ("urgency=low", False, True),
        ("urgency=nonsense", True, True),
        ("mine=1", True, True),
        ("from=2026-03-02T10:00&until=2026-03-02T10:30", True, False),
        ("from=2026-03-02T10:30", False, True),
        ("until=2026-03-02T09:00", False, False),
    ],
)
def test_a_list_is_narrowed_down_by_its_address(
    alice: Browser, runtime: Runtime, clock: Clock, query: str, web: bool, search: bool
) -> None:
    with_teams(runtime)
    fire(runtime, "Disk full")
    clock.forward(hours=1)
    fire(runtime, "Index is old", service="search")

    for status in ("open", "all"):
        page = alice.open(f"/alerts?status={status}&{query}")
        assert ("Disk full" in page, "Index is old" in page) == (web, search)


def test_a_time_that_is_none_is_told_where_it_was_typed(alice: Browser) -> None:
    page = alice.open("/alerts?from=yesterday", status=400)

    assert "Say when the window of time begins: a day and a time" in page
    assert 'value="yesterday"' in page


def test_those_that_are_checked_are_acknowledged_at_once_and_the_list_is_shown_again(
    alice: Browser, runtime: Runtime
) -> None:
    first, second, third = (fire(runtime, text) for text in ("Disk full", "Error rate", "Slow"))
    with runtime.database.transaction() as session:
        acknowledge(session, third, Actor(person(session, "bob"), "by text"), runtime.clock())
    form = alice.forms("/alerts?q=s")["/alerts/acknowledge"]

    answer = alice.client.post("/alerts/acknowledge", data=form | {"alert": [first, third]})

    assert "1 acknowledged: you have it." in answer.text
    assert "1 left as it was: somebody had already" in answer.text
    assert 'name="q" value="s"' in answer.text
    assert [stored(runtime, each).status for each in (first, second)] == [
        AlertStatus.ACKNOWLEDGED,
        AlertStatus.TRIGGERED,
    ]


def test_those_that_are_checked_are_resolved_at_once(alice: Browser, runtime: Runtime) -> None:
    numbers = [fire(runtime, text) for text in ("Disk full", "Error rate")]
    form = alice.forms("/alerts")["/alerts/acknowledge"]

    answer = alice.client.post("/alerts/resolve", data=form | {"alert": numbers})

    assert "2 resolved." in answer.text
    assert {stored(runtime, each).status for each in numbers} == {AlertStatus.RESOLVED}


@pytest.mark.parametrize("sent", [{}, {"alert": "none of ours"}, {"back": "https://elsewhere.example.com"}])
def test_a_form_with_nothing_checked_changes_nothing_and_stays_here(
    alice: Browser, runtime: Runtime, sent: dict[str, str]
) -> None:
    number = fire(runtime)
    csrf = alice.forms("/alerts")["/alerts/acknowledge"]["csrf"]

    answer = alice.client.post("/alerts/acknowledge", data={"csrf": csrf} | sent, follow_redirects=False)

    assert answer.headers["location"] == "/alerts"
    assert "Check the alerts that you mean" in alice.open("/alerts")
    assert stored(runtime, number).status is AlertStatus.TRIGGERED


def test_whoever_only_looks_can_check_nothing(vera: Browser, runtime: Runtime) -> None:
    fire(runtime)

    assert 'type="checkbox" name="alert"' not in vera.open("/alerts")


def test_a_search_of_closed_alerts_goes_so_far_and_the_next_goes_on_where_it_ended(
    alice: Browser, runtime: Runtime
) -> None:
    number = fire(runtime, "A zebra on the road")
    with runtime.database.transaction() as session:
        resolve(session, number, Actor(person(session, "bob"), "by text"), runtime.clock())
        old = session.get_one(Alert, number)
        newest = Alert(**old.model_dump(exclude={"id", "summary"}), id=number + 3 * LOOKED_THROUGH, summary="A horse")
        session.add(newest)

    page = alice.open("/alerts?status=all&q=zebra")
    assert "A zebra" not in page
    assert "This looked through 10,000 alerts, back to" in page

    with runtime.database.read() as session:
        looks, before = 0, None
        while not (found := look_through(session, AlertFilter(text="zebra"), 50, before)).rows:
            looks, before = looks + 1, found.older
            assert before is not None, "there are older ones"
    assert looks == 3
    assert found.older is None
    assert "A zebra" in alice.open("/alerts?status=all"), "without a search there is nothing to look through"


def test_what_is_narrowed_down_by_an_index_is_found_however_old_it_is(alice: Browser, runtime: Runtime) -> None:
    number = fire(runtime, "Index is old", service="search")
    with runtime.database.transaction() as session:
        old = session.get_one(Alert, number)
        far = Alert(**old.model_dump(exclude={"id", "service_id", "dedup_key"}), service_id=1, dedup_key="far")
        far.id = number + 3 * LOOKED_THROUGH
        session.add(far)

    assert f"alert-{number}" in alice.open("/alerts?status=all&service=search")
    assert f"alert-{number}" in alice.open("/alerts?team=&q=old"), "an open one is found by any words"
