"""A swap in the calendars of both: right with the engine's next tick, each event the same one at another time."""

from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar

from oncall.rota.publishing import publish
from tests.application import database_of
from tests.client import TestClient
from tests.web.api.conftest import Caller, Clock, caller_of
from tests.web.api.swaps.conftest import BOBS, EVENING, MORE, answered, ask
from tests.web.api.test_taking_over import leave

FROM, UNTIL = datetime(2026, 1, 6, 10, tzinfo=UTC), datetime(2026, 1, 7, 10, tzinfo=UTC)


class Subscribers:
    """Calendars that follow people's own shifts, and the schedule dev: its L1 from the 6th to the 7th, at 10:00."""

    def __init__(self, client: TestClient, clock: Clock, *owners: Caller) -> None:
        self.client, self.clock = client, clock
        self._paths = [self._open(owner, {}) for owner in owners]
        self._schedule = self._open(owners[0], {"schedule": "dev"})
        self.tick()

    def _open(self, owner: Caller, about: dict[str, str]) -> str:
        feed = owner.post("/calendar-feeds", about)
        assert feed.status_code == 201, feed.text
        path: str = feed.json()["url"]
        return path[path.index("/ical/") :]

    def tick(self) -> None:
        publish(database_of(self.client), self.clock(), only_if_changed=True)

    def of(self, number: int) -> dict[str, Any]:
        """One person's events, by when they begin and end."""
        return self._events(self._paths[number])

    def of_schedule(self) -> dict[str, Any]:
        return self._events(self._schedule)

    def _events(self, path: str) -> dict[str, Any]:
        found = Calendar.from_ical(self.client.get(path).content).walk("VEVENT")
        wanted = [event for event in found if FROM <= event["DTSTART"].dt < UNTIL and "L1 dev" in event["SUMMARY"]]
        return {f"{event['DTSTART'].dt:%dT%H:%M}-{event['DTEND'].dt:%dT%H:%M}": event for event in wanted}


@pytest.fixture
def bob_and_erin(alice: Caller, bob: Caller, clock: Clock) -> Subscribers:
    assert alice.post("/config/apply", MORE).status_code == 200
    return Subscribers(alice.client, clock, bob, caller_of(alice.client, "erin"))


@pytest.fixture
def erin(bob_and_erin: Subscribers) -> Caller:
    return caller_of(bob_and_erin.client, "erin")


def test_a_whole_shift_goes_from_one_calendar_to_the_other_as_the_same_event(
    bob: Caller, erin: Caller, bob_and_erin: Subscribers, clock: Clock
) -> None:
    clock.now = datetime(2026, 1, 6, 9, tzinfo=UTC)  # before it begins
    (event,) = bob_and_erin.of(0).values()

    answered(erin, ask(bob, BOBS, to=["erin"]), "accept")
    bob_and_erin.tick()

    assert bob_and_erin.of(0) == {}
    assert list(bob_and_erin.of(1)) == ["06T10:00-07T10:00"]
    for now in (bob_and_erin.of(1), bob_and_erin.of_schedule()):
        (moved,) = now.values()
        assert (moved["UID"], moved["SEQUENCE"]) == (event["UID"], event["SEQUENCE"] + 1)
        assert moved["SUMMARY"] == "L1 dev: Erin Egan"


def test_of_a_part_the_event_is_shortened_and_the_rest_is_new(
    bob: Caller, erin: Caller, bob_and_erin: Subscribers
) -> None:
    (event,) = bob_and_erin.of(0).values()

    answered(erin, ask(bob, EVENING, to=["erin"]), "accept")
    bob_and_erin.tick()

    assert list(bob_and_erin.of(0)) == ["06T10:00-06T18:00", "06T22:00-07T10:00"]
    assert list(bob_and_erin.of(1)) == ["06T18:00-06T22:00"]
    shortened = bob_and_erin.of(0)["06T10:00-06T18:00"]
    assert (shortened["UID"], shortened["SEQUENCE"]) == (event["UID"], event["SEQUENCE"] + 1)
    assert len({each["UID"] for each in bob_and_erin.of_schedule().values()}) == 3


def test_swapped_back_it_is_the_one_event_that_it_was(bob: Caller, erin: Caller, bob_and_erin: Subscribers) -> None:
    (event,) = bob_and_erin.of(0).values()
    answered(erin, ask(bob, EVENING, to=["erin"]), "accept")
    bob_and_erin.tick()

    answered(erin, ask(bob, EVENING, kind="take"), "accept")
    bob_and_erin.tick()

    (again,) = bob_and_erin.of(0).values()
    assert (again["UID"], again["SEQUENCE"]) == (event["UID"], event["SEQUENCE"] + 2)
    assert (again["DTSTART"].dt, again["DTEND"].dt) == (event["DTSTART"].dt, event["DTEND"].dt)
    assert bob_and_erin.of(1) == {}


def test_both_hear_of_a_swap_once(bob: Caller, erin: Caller, bob_and_erin: Subscribers, clock: Clock) -> None:
    answered(erin, ask(bob, EVENING, to=["erin"]), "accept")
    bob_and_erin.tick()
    answered(erin, ask(bob, EVENING, kind="take"), "accept")
    bob_and_erin.tick()
    back_sooner = leave(bob, to="erin").json()
    clock.advance(minutes=5)
    answered(bob, back_sooner, "withdraw")
    bob_and_erin.tick()

    for person in (bob, erin):
        notices = person.items("/users/me/notices")
        assert {notice["kind"] for notice in notices} == {"swap"}
    assert len(bob.items("/users/me/notices")) == 3  # accepted, accepted back, back sooner
    assert len(erin.items("/users/me/notices")) == 6  # and asked twice, and covering
