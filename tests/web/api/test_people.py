"""People, and what each sets up for themselves."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from oncall import people
from oncall.auth.passwords import is_password
from oncall.contacts import MOST_CODES, MOST_METHODS
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, User
from oncall.publishing import publish
from tests.web.api.conftest import NOON, Caller, Clock, sentence

PASSWORD = "correct horse battery staple"


def database(client: TestClient) -> Any:
    return client.app.state.runtime.database  # type: ignore[attr-defined]


def test_people_are_listed_by_handle_without_secrets(victor: Caller) -> None:
    found = victor.items("/users")

    assert [user["handle"] for user in found] == ["alice", "bob", "carol", "victor"]
    assert found[0].keys() == {"handle", "name", "email", "timezone", "country", "role", "tags", "retired_at"}


def test_the_list_of_people_goes_on_from_its_cursor(victor: Caller) -> None:
    first = victor.get("/users", limit=2).json()

    assert [user["handle"] for user in victor.items("/users", limit=2, cursor=first["next"])] == ["carol", "victor"]


def test_contact_methods_are_shown_to_their_owner_and_to_admins(alice: Caller, bob: Caller, carol: Caller) -> None:
    assert carol.get("/users/bob").json()["contact_methods"] is None
    assert bob.get("/users/bob").json() == bob.get("/users/me").json() == alice.get("/users/bob").json()
    assert bob.get("/users/me").json()["contact_methods"][0]["address"] == "+12025550102"


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
    with database(client).read() as session:
        dave = session.exec(select(User).where(User.handle == "dave")).one()
        assert is_password(PASSWORD, dave.password_hash)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"handle": "bob"}, 409, "has the handle bob already"),
        ({"handle": "me"}, 400, "it means whoever asks"),
        ({"handle": "da ve"}, 400, "can't be a handle"),
        ({"name": ""}, 400, "can't be a name"),
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
    with database(client).transaction() as session:
        user_id = session.exec(select(User.id).where(User.handle == "carol")).one()
        planned = {"user_id": user_id, "kind": "sms", "address": "+12025550103", "created_at": NOON}
        session.add(Delivery(**planned, due_at=NOON + timedelta(minutes=2)))
    retire_carol(alice)
    with database(client).read() as session:
        assert session.exec(select(Delivery.state)).all() == [DeliveryState.CANCELLED]


def retire_carol(alice: Caller) -> None:
    assert alice.delete("/users/carol?confirm=true").status_code == 204


def test_who_retires_is_not_reached_and_who_comes_back_is_without_the_old_keys(
    alice: Caller, carol: Caller, client: TestClient, clock: Clock
) -> None:
    path = carol.post("/calendar-feeds", {}).json()["url"].removeprefix("http://testserver")
    retire_carol(alice)
    assert alice.get("/users/carol").json()["contact_methods"][0]["disabled_reason"] == people.RETIRED

    with database(client).transaction() as session:
        people.restore(session, people.find_user(session, "carol"), clock())

    assert alice.get("/users/carol").json()["contact_methods"][0]["disabled_at"] is None
    assert client.get(path).status_code == 410
    sentence(carol.get("/users/me"), 401)


def test_who_is_paged_by_a_policy_can_t_retire(alice: Caller) -> None:
    alice.post("/config/apply", "escalation_policies: [{name: dev, fallback: user:victor}]")

    assert "the escalation policy dev pages them" in sentence(alice.delete("/users/victor"), 409)


def test_the_only_admin_can_t_retire(alice: Caller) -> None:
    assert "the only admin" in sentence(alice.delete("/users/alice"), 409)


@pytest.fixture
def method(alice: Caller) -> dict[str, Any]:
    """A new one of alice's, not verified."""
    answer = alice.post("/users/me/contact-methods", {"name": "mobile", "kind": "sms", "address": "+1 202 555 0101"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def code_of(client: TestClient, method: dict[str, Any]) -> str:
    with database(client).read() as session:
        code: str = session.get_one(ContactMethod, method["id"]).code
        return code


def test_a_contact_method_counts_once_its_code_is_typed_back(
    alice: Caller, client: TestClient, method: dict[str, Any]
) -> None:
    assert (method["address"], method["verified_at"]) == ("+12025550101", None)

    sent = alice.post(f"/users/me/contact-methods/{method['id']}/send-code")
    assert (sent.status_code, sent.json()["code_expires_at"]) == (202, "2026-01-06T12:15:00Z")
    assert code_of(client, method) not in sent.text

    body = {"code": code_of(client, method)}
    answer = alice.post(f"/users/me/contact-methods/{method['id']}/verify", body)
    assert answer.json()["verified_at"] == "2026-01-06T12:00:00Z"


def test_wrong_codes_are_counted(alice: Caller, client: TestClient, method: dict[str, Any]) -> None:
    path = f"/users/me/contact-methods/{method['id']}"
    alice.post(f"{path}/send-code")
    wrong = "000000" if code_of(client, method) != "000000" else "000001"

    for _ in range(5):
        assert "not the code" in sentence(alice.post(f"{path}/verify", {"code": wrong}), 400)

    answer = alice.post(f"{path}/verify", {"code": code_of(client, method)})
    assert "Too many wrong codes" in sentence(answer, 429)
    assert answer.headers["retry-after"] == "60"


def test_codes_are_not_sent_one_after_the_other(alice: Caller, method: dict[str, Any], clock: Clock) -> None:
    path = f"/users/me/contact-methods/{method['id']}/send-code"
    alice.post(path)

    sentence(alice.post(path), 429)
    clock.advance(seconds=30)
    assert alice.post(path).status_code == 202


def test_nobody_touches_another_s_contact_method(bob: Caller, method: dict[str, Any]) -> None:
    path = f"/users/me/contact-methods/{method['id']}"

    sentence(bob.delete(path), 404)
    sentence(bob.post(f"{path}/send-code"), 404)
    sentence(bob.post(f"{path}/verify", {"code": "123456"}), 404)


def test_what_people_set_up_can_be_exported(alice: Caller, bob: Caller) -> None:
    names = ["home/work", "line\nbreak", "a", "two words", "é", "me"]
    for name in names:
        bob.post("/users/me/contact-methods", {"name": name, "kind": "sms", "address": "+12025550109"})
        alice.post("/users", {"handle": name, "name": name, "email": f"{name}@x", "tags": [name]})
        alice.post("/services/web/integration-keys", {"name": name, "tool": "generic"})

    assert "two words" in [method["name"] for method in bob.items("/users/me/contact-methods")]
    assert alice.get("/config").status_code == 200
    assert alice.post("/config/plan", alice.get("/config").text).json()["changes"] == []


def test_what_was_to_be_sent_to_a_removed_contact_method_is_called_back(
    alice: Caller, client: TestClient, method: dict[str, Any]
) -> None:
    alice.post(f"/users/me/contact-methods/{method['id']}/send-code")

    assert alice.delete(f"/users/me/contact-methods/{method['id']}").status_code == 204

    with database(client).read() as session:
        (delivery,) = session.exec(select(Delivery)).all()
    assert (delivery.state, delivery.contact_method_id, delivery.finished_at) == ("cancelled", None, NOON)


def test_nobody_has_more_contact_methods_than_a_person_needs(bob: Caller) -> None:
    for number in range(MOST_METHODS - 1):  # one is there already
        body = {"name": str(number), "kind": "sms", "address": "+12025550109"}
        assert bob.post("/users/me/contact-methods", body).status_code == 201

    body = {"name": "one more", "kind": "sms", "address": "+12025550109"}
    assert "which is the most" in sentence(bob.post("/users/me/contact-methods", body), 409)


def codes_sent(client: TestClient, handle: str, address: str, count: int, at: datetime) -> None:
    with database(client).transaction() as session:
        user = session.exec(select(User).where(User.handle == handle)).one()
        fields = {"user_id": user.id, "kind": "sms", "address": address, "created_at": at, "due_at": at}
        session.add_all(Delivery(**fields) for _ in range(count))


@pytest.mark.parametrize(("who", "where"), [("alice", "+12025550777"), ("bob", "+12025550101")])
def test_codes_are_not_sent_without_end_for_a_person_or_to_a_number(
    alice: Caller, client: TestClient, clock: Clock, method: dict[str, Any], who: str, where: str
) -> None:
    codes_sent(client, who, where, MOST_CODES, NOON - timedelta(minutes=20))
    path = f"/users/me/contact-methods/{method['id']}/send-code"

    refused = alice.post(path)
    assert "Try again in 40 min" in sentence(refused, 429)
    assert refused.headers["retry-after"] == "2400"

    clock.advance(minutes=40)
    assert alice.post(path).status_code == 202


def test_codes_of_others_to_other_numbers_hold_nobody_up(
    alice: Caller, client: TestClient, method: dict[str, Any]
) -> None:
    codes_sent(client, "bob", "+12025550777", MOST_CODES, NOON)

    assert alice.post(f"/users/me/contact-methods/{method['id']}/send-code").status_code == 202


def test_a_contact_method_goes_with_its_rules(bob: Caller) -> None:
    (method,) = bob.items("/users/me/contact-methods")
    bob.put("/users/me/notification-rules", {"items": [{"urgency": "high", "contact_method": "mobile"}]})

    path = f"/users/me/contact-methods/{method['id']}"
    said = sentence(bob.delete(path), 409)
    assert "Bob Baker has no verified contact method and could not be paged on dev L1" in said
    assert bob.delete(f"{path}?confirm=true").status_code == 204

    assert bob.items("/users/me/contact-methods") == []
    assert bob.items("/users/me/notification-rules") == []


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"address": "12"}, 400, "not a phone number"),
        ({"name": "home/work"}, 400, "can't be a name"),
        ({"name": "mobile"}, 409, "already"),
        ({"kind": "pigeon"}, 400, "is no kind of contact method: write one of sms, voice"),
    ],
)
def test_a_contact_method_that_can_t_be_used_gets_a_sentence(
    bob: Caller, fields: dict[str, str], status: int, said: str
) -> None:
    body = {"name": "new", "kind": "sms", "address": "+12025550109"} | fields
    assert said in sentence(bob.post("/users/me/contact-methods", body), status)


RULES = [
    {"urgency": "high", "after_seconds": 0, "contact_method": "mobile"},
    {"urgency": "high", "after_seconds": 120, "contact_method": "mobile"},
    {"urgency": "low", "after_seconds": 0, "contact_method": "mobile"},
]


def test_notification_rules_are_replaced_as_a_whole(bob: Caller) -> None:
    assert bob.put("/users/me/notification-rules", {"items": RULES}).json() == {"items": RULES, "next": None}

    bob.put("/users/me/notification-rules", {"items": RULES[:1]})

    assert bob.items("/users/me/notification-rules") == RULES[:1]


def test_a_rule_for_an_unknown_contact_method_changes_nothing(bob: Caller) -> None:
    bob.put("/users/me/notification-rules", {"items": RULES})
    answer = bob.put("/users/me/notification-rules", {"items": [RULES[0] | {"contact_method": "pager"}]})

    assert "no contact method “pager”; there is mobile" in sentence(answer, 400)
    assert bob.items("/users/me/notification-rules") == RULES


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


def test_a_calendar_link_is_read_without_a_token_until_it_is_revoked(bob: Caller, client: TestClient) -> None:
    feed = bob.post("/calendar-feeds", {"schedule": "dev", "level": "L1"}).json()
    path = feed["url"].removeprefix("http://testserver")

    assert path.startswith("/ical/")
    assert feed["webcal_url"] == feed["url"].replace("http://", "webcal://")
    assert client.get(path).status_code == 200
    assert bob.post("/calendar-feeds", {"schedule": "dev", "level": "L1"}).json() == feed
    assert bob.items("/calendar-feeds") == [feed]

    assert bob.delete(f"/calendar-feeds/{feed['id']}").status_code == 204
    assert bob.items("/calendar-feeds") == []
    assert client.get(path).status_code == 410


def test_a_team_s_calendar_has_the_shifts_of_its_schedules(bob: Caller, client: TestClient) -> None:
    publish(client.app.state.runtime.database, NOON, only_if_changed=True)  # type: ignore[attr-defined]
    feed = bob.post("/calendar-feeds", {"team": "dev"}).json()

    assert (feed["team"], feed["schedule"], feed["level"]) == ("dev", None, None)
    assert feed["google_url"] == "https://calendar.google.com/calendar/r?cid=" + feed["webcal_url"]
    assert feed["outlook_url"].startswith(
        "https://outlook.office.com/calendar/0/addfromweb?url=http%3A%2F%2Ftestserver"
    )
    content = client.get(feed["url"]).text
    assert "X-WR-CALNAME:Team dev on call" in content
    assert {line[8:14] for line in content.splitlines() if line.startswith("SUMMARY:")} == {"L1 dev", "L2 dev"}
    assert bob.items("/calendar-feeds") == [feed]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"level": "L1"}, 400),
        ({"schedule": "ops"}, 404),
        ({"schedule": "dev", "level": "L9"}, 404),
        ({"team": "ops"}, 404),
        ({"team": "dev", "schedule": "dev"}, 422),
        ({"team": "dev", "level": "L1"}, 400),
    ],
)
def test_a_calendar_of_nothing_is_refused(bob: Caller, body: dict[str, str], status: int) -> None:
    sentence(bob.post("/calendar-feeds", body), status)


def test_nobody_revokes_another_s_calendar_link(alice: Caller, bob: Caller) -> None:
    feed = bob.post("/calendar-feeds", {}).json()

    sentence(alice.delete(f"/calendar-feeds/{feed['id']}"), 404)


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        ("webhook", "https://hooks.example.com/secret/path", "https://…path"),
        ("apprise", "tgram://123456789:ABCdefghijkl1234567890_abcdefghijk/12345", "tgram://…2345"),
        ("email", "bob@Example.com", "bob@example.com"),
    ],
)
def test_an_address_that_is_a_secret_is_never_shown_whole(bob: Caller, kind: str, address: str, shown: str) -> None:
    made = bob.post("/users/me/contact-methods", {"name": "other", "kind": kind, "address": address})
    assert made.json()["address"] == shown

    refused = bob.post("/users/me/contact-methods", {"name": "more", "kind": kind, "address": f"{address} ?"})
    assert refused.status_code == 400
    assert ("secret" in refused.text, "ABCdef" in refused.text) == (False, False)
