"""People, and what each chooses; joining, retiring and coming back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from oncall.auth.passwords import is_password
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery, User
from oncall.people import people
from tests.application import database_of
from tests.client import TestClient
from tests.web.api.conftest import NOON, Caller, Clock, sentence

PASSWORD = "correct horse battery staple"


def test_people_are_listed_by_handle_without_secrets(victor: Caller) -> None:
    found = victor.items("/users")

    assert [user["handle"] for user in found] == ["alice", "bob", "carol", "victor"]
    assert found[0].keys() == {"handle", "name", "email", "timezone", "country", "role", "tags", "retired_at"}


def test_the_list_of_people_goes_on_from_its_cursor(victor: Caller) -> None:
    first = victor.get("/users", limit=2).json()

    assert [user["handle"] for user in victor.items("/users", limit=2, cursor=first["next"])] == ["carol", "victor"]


def test_what_somebody_is_told_of_their_shifts_is_theirs_to_choose(alice: Caller, bob: Caller, carol: Caller) -> None:
    usual = {"ahead_hours": 24, "start": True, "end": False, "weekly": False}
    assert bob.get("/users/me").json()["notices"] == usual

    answer = bob.patch("/users/me", {"notices": {"ahead_hours": 0, "weekly": True}})

    assert answer.json()["notices"] == usual | {"ahead_hours": 0, "weekly": True}
    assert alice.get("/users/bob").json()["notices"] == answer.json()["notices"]
    assert carol.get("/users/bob").json()["notices"] is None
    assert bob.patch("/users/me", {}).json() == answer.json()


def test_what_nobody_can_be_told_is_refused(bob: Caller, victor: Caller) -> None:
    assert "ahead_hours" in sentence(bob.patch("/users/me", {"notices": {"ahead_hours": 337}}), 422)
    assert "ahead_hours" in sentence(bob.patch("/users/me", {"notices": {"ahead_hours": -1}}), 422)
    sentence(bob.patch("/users/me", {"notices": {"monthly": True}}), 422)
    sentence(victor.patch("/users/me", {"notices": {"weekly": True}}), 403)


def test_an_unknown_person_is_not_found(bob: Caller) -> None:
    assert "nobody with the handle zoe" in sentence(bob.get("/users/zoe"), 404)


def test_an_admin_adds_somebody_with_a_password(alice: Caller, client: TestClient) -> None:
    fields = {"handle": "dave", "name": "Dave Dunn", "country": "de-by", "tags": ["developer"], "password": PASSWORD}
    answer = alice.post("/users", fields)

    assert answer.status_code == 201, answer.text
    assert (answer.json()["role"], answer.json()["tags"]) == ("user", ["developer"])
    assert answer.json()["country"] == "DE-BY"
    assert PASSWORD not in answer.text
    with database_of(client).read() as session:
        dave = session.exec(select(User).where(User.handle == "dave")).one()
        assert is_password(PASSWORD, dave.password_hash)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"handle": "bob"}, 409, "has the handle bob already"),
        ({"handle": "me"}, 400, "it means whoever asks"),
        ({"handle": "da ve"}, 400, "can't be a handle"),
        ({"name": ""}, 400, "This must not be empty."),
        ({"timezone": "Mars"}, 400, "not a time zone"),
        ({"country": "Mars"}, 400, "not a country whose holidays are known"),
        ({"password": "short"}, 422, "password"),
        ({"role": "king"}, 422, "role"),
        ({"email": "not one"}, 400, "not an email address"),
        ({"tags": ["de/v"]}, 400, "can't be a name"),
    ],
)
def test_somebody_who_can_t_be_added_gets_a_sentence(
    alice: Caller, fields: dict[str, str], status: int, said: str
) -> None:
    assert said in sentence(alice.post("/users", {"handle": "dave", "name": "Dave Dunn"} | fields), status)


def test_who_retires_is_let_in_no_more(alice: Caller, victor: Caller) -> None:
    assert alice.delete("/users/victor").status_code == 204

    sentence(victor.get("/users/me"), 401)
    assert [user["handle"] for user in alice.items("/users")] == ["alice", "bob", "carol"]
    assert alice.items("/users", retired=True)[-1]["retired_at"] == "2026-01-06T12:00:00Z"


def test_a_calendar_link_ends_when_its_owner_retires(alice: Caller, carol: Caller, client: TestClient) -> None:
    path = carol.post("/calendar-feeds", {"schedule": "dev"}).json()["url"].removeprefix("http://testserver")
    assert client.get(path).status_code == 200

    retire_carol(alice)

    answer = client.get(path)
    assert "its owner has retired" in sentence(answer, 410)


def test_what_is_planned_for_somebody_is_called_back_when_they_retire(
    alice: Caller, carol: Caller, client: TestClient
) -> None:
    with database_of(client).transaction() as session:
        user_id = session.exec(select(User.id).where(User.handle == "carol")).one()
        planned = {"user_id": user_id, "kind": "sms", "address": "+12025550103", "created_at": NOON}
        session.add(Delivery(**planned, due_at=NOON + timedelta(minutes=2)))
    retire_carol(alice)
    with database_of(client).read() as session:
        assert session.exec(select(Delivery.state)).all() == [DeliveryState.CANCELLED]


def retire_carol(alice: Caller) -> None:
    assert alice.delete("/users/carol?confirm=true").status_code == 204


def test_who_retires_is_not_reached_and_who_comes_back_is_without_the_old_keys(
    alice: Caller, carol: Caller, client: TestClient, clock: Clock
) -> None:
    path = carol.post("/calendar-feeds", {}).json()["url"].removeprefix("http://testserver")
    retire_carol(alice)
    assert alice.get("/users/carol").json()["contact_methods"][0]["disabled_reason"] == people.RETIRED

    with database_of(client).transaction() as session:
        people.restore(session, people.find_user(session, "carol"), clock())

    assert alice.get("/users/carol").json()["contact_methods"][0]["disabled_at"] is None
    assert client.get(path).status_code == 410
    sentence(carol.get("/users/me"), 401)


def test_who_is_paged_by_a_policy_can_t_retire(alice: Caller) -> None:
    alice.post("/config/apply", "escalation_policies: [{name: dev, fallback: user:victor}]")

    assert "the escalation policy dev pages them" in sentence(alice.delete("/users/victor"), 409)


def test_the_only_admin_can_t_retire(alice: Caller) -> None:
    assert "the only admin" in sentence(alice.delete("/users/alice"), 409)


def test_what_people_set_up_can_be_exported(alice: Caller, bob: Caller) -> None:
    names = ["home/work", "line\nbreak", "a", "two words", "é", "me"]
    for name in names:
        bob.post("/users/me/contact-methods", {"name": name, "kind": "sms", "address": "+12025550109"})
        alice.post("/users", {"handle": name, "name": name, "email": f"{name}@x", "tags": [name]})
        alice.post("/services/web/integration-keys", {"name": name, "tool": "generic"})

    assert "two words" in [method["name"] for method in bob.items("/users/me/contact-methods")]
    assert alice.get("/config").status_code == 200
    assert alice.post("/config/plan", alice.get("/config").text).json()["changes"] == []


def test_a_token_is_shown_once_and_ends_when_it_is_revoked(bob: Caller, client: TestClient) -> None:
    made = bob.post("/tokens", {"name": "backup script"}).json()
    script = Caller(client, made["token"])

    assert script.get("/users/me").json()["handle"] == "bob"
    assert made["token"] not in bob.get("/tokens").text
    assert [token["name"] for token in bob.items("/tokens")] == ["tests", "backup script"]

    assert bob.delete(f"/tokens/{made['id']}").status_code == 204
    sentence(script.get("/users/me"), 401)
    assert [token["name"] for token in bob.items("/tokens")] == ["tests"]


def test_nobody_revokes_another_s_token(alice: Caller, bob: Caller) -> None:
    (token,) = bob.items("/tokens")

    sentence(alice.delete(f"/tokens/{token['id']}"), 404)
