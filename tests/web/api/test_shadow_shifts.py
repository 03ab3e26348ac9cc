"""Shadow shifts: who may make and end them."""

from typing import Any

import pytest

from tests.web.api.conftest import Caller, Clock, sentence

DAY = {"schedule": "dev", "level": "L1", "start": "2026-01-07T10:00:00Z", "end": "2026-01-08T10:00:00Z"}


def test_somebody_follows_along_by_their_own_wish(bob: Caller) -> None:
    made = bob.post("/shadow-shifts", DAY).json()

    assert (made["user"]["handle"], made["kind"]) == ("bob", "shadow")
    assert bob.items("/shadow-shifts", schedule="dev") == bob.items("/shadow-shifts", user="bob") == [made]
    assert bob.items("/shadow-shifts", user="carol") == []


def test_it_counts_as_nobody_on_call(alice: Caller, bob: Caller) -> None:
    before = alice.items("/schedules/dev/shifts"), alice.items("/on-call", at="2026-01-07T12:00:00Z")
    bob.post("/shadow-shifts", DAY)

    assert (alice.items("/schedules/dev/shifts"), alice.items("/on-call", at="2026-01-07T12:00:00Z")) == before


def test_it_is_ended_by_whoever_follows_and_by_no_other_colleague(bob: Caller, carol: Caller, clock: Clock) -> None:
    path = f"/shadow-shifts/{bob.post('/shadow-shifts', DAY).json()['id']}"
    assert "Only Bob Baker" in sentence(carol.delete(path), 403)
    clock.advance(days=1)

    assert bob.delete(path).status_code == 204
    assert bob.items("/shadow-shifts") == []
    assert "has ended" in sentence(bob.delete(path), 409)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"user": "carol"}, 403, "Only Carol Cohen, a manager"),
        ({"kind": "reverse"}, 403, "be paged before whoever is on call"),
        ({"level": "L9"}, 400, "has no level L9"),
        ({"end": "2026-01-07T09:00:00Z"}, 400, "The shadow shift ends before it starts."),
        ({"start": "2026-01-01T09:00:00Z"}, 400, "starts in the past"),
    ],
)
def test_what_is_not_allowed_or_makes_no_sense_is_refused(
    bob: Caller, fields: dict[str, Any], status: int, said: str
) -> None:
    assert said in sentence(bob.post("/shadow-shifts", DAY | fields), status)


def test_nobody_follows_themselves(bob: Caller, alice: Caller) -> None:
    alice.post("/overrides", {**DAY, "user": "bob"})
    assert "Nobody but Bob Baker is on call for dev (L1) then" in sentence(bob.post("/shadow-shifts", DAY), 400)
    assert bob.post("/shadow-shifts", DAY | {"end": "2026-01-08T11:00:00Z"}).status_code == 201


def test_a_shadow_who_takes_no_text_is_refused(alice: Caller) -> None:
    assert "no verified contact method that takes text" in sentence(alice.post("/shadow-shifts", DAY), 400)
