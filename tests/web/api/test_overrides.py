"""Overrides: who may make and end them, and that they leave the past alone."""

from typing import Any

import pytest

from tests.web.api.conftest import Caller, Clock, sentence

TOMORROW = {
    "schedule": "dev",
    "level": "L1",
    "user": "bob",
    "start": "2026-01-07T12:00:00Z",
    "end": "2026-01-07T18:00:00Z",
}


def add(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = caller.post("/overrides", TOMORROW | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def l1(caller: Caller, at: str) -> tuple[str, str]:
    first = caller.items("/on-call", at=at)[0]
    return first["user"]["handle"], first["source"]


def test_an_override_puts_somebody_on_call_and_its_end_gives_the_level_back(bob: Caller) -> None:
    add(bob)

    assert l1(bob, "2026-01-07T12:00:00Z") == ("bob", "override")
    assert l1(bob, "2026-01-07T18:00:00Z") == ("carol", "rotation")


def test_an_override_says_who_made_it(bob: Caller) -> None:
    made = add(bob)

    assert made["created_by"] == {"handle": "bob", "name": "Bob Baker"}
    assert made["created_at"] == "2026-01-06T12:00:00Z"
    assert bob.get(f"/overrides/{made['id']}").json() == made
    assert bob.items("/overrides") == bob.items("/overrides", schedule="dev") == [made]
    assert bob.items("/overrides", schedule="quiet") == []


def test_a_list_of_overrides_goes_on_from_its_cursor(bob: Caller) -> None:
    made = [add(bob, end=f"2026-01-07T{hour}:00:00Z") for hour in (16, 17, 18)]

    first = bob.get("/overrides", limit=2).json()
    rest = bob.get("/overrides", limit=2, cursor=first["next"]).json()

    assert first["items"] + rest["items"] == made
    assert rest["next"] is None


def test_an_override_that_is_still_to_come_can_be_taken_away(bob: Caller) -> None:
    made = add(bob)

    assert bob.delete(f"/overrides/{made['id']}").status_code == 204

    assert l1(bob, "2026-01-07T12:00:00Z") == ("carol", "rotation")
    assert "no override" in sentence(bob.get(f"/overrides/{made['id']}"), 404)


def test_an_override_that_has_begun_ends_now(bob: Caller, clock: Clock) -> None:
    made = add(bob)
    clock.advance(hours=25)

    bob.delete(f"/overrides/{made['id']}")

    assert l1(bob, "2026-01-07T12:30:00Z") == ("bob", "override")
    assert l1(bob, "2026-01-07T13:00:00Z") == ("carol", "rotation")


def test_an_override_that_is_sent_twice_is_there_once_and_over_when_it_is_ended(bob: Caller, clock: Clock) -> None:
    now = {"schedule": "quiet", "start": "2026-01-06T12:00:00Z", "confirm": True}
    made = add(bob, **now)
    clock.advance(minutes=1)
    assert add(bob, **now) == made

    bob.delete(f"/overrides/{made['id']}?confirm=true")
    on_call = bob.items("/on-call", at="2026-01-06T12:05:00Z")
    assert [each["user"] for each in on_call if each["schedule"] == "quiet"] == [None]


def test_one_that_another_has_changed_since_is_made_anew(bob: Caller, carol: Caller) -> None:
    add(bob)
    add(carol, user="carol")
    assert l1(bob, "2026-01-07T12:00:00Z")[0] == "carol"

    add(bob)
    assert l1(bob, "2026-01-07T12:00:00Z")[0] == "bob"


def test_an_override_that_has_ended_stays(bob: Caller, clock: Clock) -> None:
    made = add(bob)
    clock.advance(days=2)

    assert "the past can't be changed" in sentence(bob.delete(f"/overrides/{made['id']}"), 409)
    assert bob.items("/overrides") == []
    assert bob.items("/overrides", past=True) == [made]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"schedule": "ops"}, 404, "no schedule ops"),
        ({"user": "zoe"}, 404, "nobody with the handle zoe"),
        ({"user": "carol"}, 403, "Only Carol Cohen, a manager of the team or an admin can put Carol Cohen on call"),
        ({"level": "L3"}, 400, "has no level L3; it has L1, L2"),
        ({"end": "2026-01-07T12:00:00Z"}, 400, "ends before it starts"),
        ({"start": "2026-01-05T12:00:00Z", "end": "2026-01-06T12:00:00Z"}, 400, "wholly in the past"),
        ({"start": "2026-01-06T11:54:59Z"}, 400, "starts in the past, which can't be changed"),
        ({"end": "2027-02-07T12:00:00Z"}, 400, "longer than a year"),
        ({"start": "2101-01-01T00:00:00Z", "end": "2101-01-02T00:00:00Z"}, 422, "too far away"),
        ({"start": "2100-12-31T00:00:00Z", "end": "2100-12-31T23:59:00-08:00"}, 400, "too far away"),
        ({"start": "2026-01-07T12:00:00"}, 422, "does not say its time zone"),
    ],
)
def test_an_override_that_makes_no_sense_gets_a_sentence(
    bob: Caller, fields: dict[str, str], status: int, said: str
) -> None:
    assert said in sentence(bob.post("/overrides", TOMORROW | fields), status)


def test_somebody_who_has_retired_can_t_be_put_on_call(alice: Caller) -> None:
    assert alice.delete("/users/victor").status_code == 204

    assert "has retired" in sentence(alice.post("/overrides", TOMORROW | {"user": "victor"}), 400)


def test_a_start_a_moment_ago_is_now(bob: Caller) -> None:
    made = add(bob, start="2026-01-06T11:55:00Z")

    assert made["start"] == "2026-01-06T12:00:00Z"


def make_user(alice: Caller) -> Caller:
    """An admin no more, but still a manager of the team that has the schedule dev. The schedule quiet is nobody's."""
    assert (
        alice.post("/config/apply", "users: [{handle: alice, role: user}, {handle: victor, role: admin}]").status_code
        == 200
    )
    return alice


def test_a_manager_of_the_schedule_s_team_decides_for_others_there_and_nowhere_else(alice: Caller, bob: Caller) -> None:
    manager = make_user(alice)
    made = add(manager)

    assert made["created_by"]["handle"] == "alice"
    assert "can put Bob Baker on call" in sentence(manager.post("/overrides", TOMORROW | {"schedule": "quiet"}), 403)
    assert manager.delete(f"/overrides/{add(bob)['id']}").status_code == 204


def test_an_admin_decides_for_everybody(alice: Caller) -> None:
    path = f"/overrides/{add(alice, schedule='quiet', user='carol', confirm=True)['id']}"

    assert "Nobody would be on quiet L1 from Wed 7 Jan 12:00 UTC" in sentence(alice.delete(path), 409)
    assert alice.delete(f"{path}?confirm=true").status_code == 204


def test_an_override_is_ended_by_who_took_it_or_made_it_and_by_no_other_colleague(
    alice: Caller, bob: Caller, carol: Caller
) -> None:
    ends = "2026-01-07T17:00:00Z", "2026-01-07T18:00:00Z"
    first, second = (f"/overrides/{add(alice, schedule='quiet', end=end)['id']}" for end in ends)
    make_user(alice)

    assert "Only Bob Baker, whoever made it" in sentence(carol.delete(first), 403)
    assert bob.delete(f"{first}?confirm=true").status_code == 204
    assert alice.delete(f"{second}?confirm=true").status_code == 204


def on_l1(caller: Caller, at: str) -> list[str]:
    return [row["user"]["handle"] for row in caller.items("/on-call", at=at) if row["level"] == "L1" and row["user"]]


def test_somebody_joins_those_on_the_level(alice: Caller) -> None:
    made = add(alice, kind="add", user="alice", confirm=True)

    assert (made["kind"], made["user"]["handle"], made["replaces"]) == ("add", "alice", None)
    assert on_l1(alice, "2026-01-07T13:00:00Z") == ["carol", "alice"]


def test_one_person_is_replaced_and_where_they_are_not_on_nothing_changes(alice: Caller) -> None:
    add(alice, user="bob", replaces="carol", start="2026-01-07T09:00:00Z")

    assert on_l1(alice, "2026-01-07T09:30:00Z") == ["bob"]  # by rotation, until ten
    assert alice.items("/on-call", at="2026-01-07T09:30:00Z")[0]["source"] == "rotation"
    assert alice.items("/on-call", at="2026-01-07T10:30:00Z")[0]["source"] == "override"


def test_taking_somebody_off_leaves_a_gap_and_is_kept_only_when_that_is_meant(alice: Caller) -> None:
    off = {"kind": "remove", "user": None, "replaces": "carol"}
    refused = alice.post("/overrides", TOMORROW | off)

    gap = "Nobody would be on dev L1 from Wed 7 Jan 12:00 UTC to Wed 7 Jan 18:00 UTC."
    assert sentence(refused, 409) == f"{gap} Confirm that you want it all the same."
    assert refused.json()["errors"] == [gap]
    assert alice.items("/overrides") == []
    add(alice, **off, confirm=True)
    assert on_l1(alice, "2026-01-07T13:00:00Z") == []


def test_only_who_decides_takes_somebody_off(bob: Caller) -> None:
    off = TOMORROW | {"kind": "remove", "user": None, "replaces": "bob"}

    assert "Only a manager of the team or an admin" in sentence(bob.post("/overrides", off), 403)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"start": "2026-01-08T11:00:00Z", "end": "2026-01-08T12:00:00Z"},
            "Bob Baker would be on dev L2 and dev L1 at once",
        ),
        (
            {"user": "alice", "level": "L2"},
            "Alice Archer has no verified contact method and could not be paged on dev L2 from",
        ),
    ],
)
def test_what_would_be_wrong_is_told_before_it_is_kept(alice: Caller, fields: dict[str, Any], said: str) -> None:
    answer = alice.post("/overrides", TOMORROW | fields)

    assert said in sentence(answer, 409)
    assert alice.items("/overrides") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"user": None}, "must say in `user` who comes on"),
        ({"kind": "add", "replaces": "carol"}, "nobody goes off when somebody is added"),
        ({"kind": "remove", "replaces": "carol"}, "nobody comes on when somebody is removed"),
        ({"replaces": "bob"}, "Bob Baker can't take over from themself."),
    ],
)
def test_an_override_that_says_too_little_or_too_much_is_refused(
    alice: Caller, fields: dict[str, Any], said: str
) -> None:
    assert said in sentence(alice.post("/overrides", TOMORROW | fields), 400)
