"""Contact methods: what counts as one, the codes that verify it, and the rules by which it is used."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from oncall.models import ContactMethod, Delivery, User
from oncall.people.contacts import MOST_CODES, MOST_METHODS
from tests.application import database_of
from tests.client import TestClient
from tests.web.api.conftest import NOON, Caller, Clock, sentence


@pytest.fixture
def method(alice: Caller) -> dict[str, Any]:
    """A new one of alice's, not verified."""
    answer = alice.post("/users/me/contact-methods", {"name": "mobile", "kind": "sms", "address": "+1 202 555 0101"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def code_of(client: TestClient, method: dict[str, Any]) -> str:
    with database_of(client).read() as session:
        code: str = session.get_one(ContactMethod, method["id"]).code
        return code


def test_contact_methods_are_shown_to_their_owner_and_to_admins(alice: Caller, bob: Caller, carol: Caller) -> None:
    assert carol.get("/users/bob").json()["contact_methods"] is None
    assert bob.get("/users/bob").json() == bob.get("/users/me").json() == alice.get("/users/bob").json()
    assert bob.get("/users/me").json()["contact_methods"][0]["address"] == "+12025550102"


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


def codes_sent(client: TestClient, handle: str, address: str, count: int, at: datetime) -> None:
    with database_of(client).transaction() as session:
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


def test_nobody_touches_another_s_contact_method(bob: Caller, method: dict[str, Any]) -> None:
    path = f"/users/me/contact-methods/{method['id']}"

    sentence(bob.delete(path), 404)
    sentence(bob.post(f"{path}/send-code"), 404)
    sentence(bob.post(f"{path}/verify", {"code": "123456"}), 404)


def test_nobody_has_more_contact_methods_than_a_person_needs(bob: Caller) -> None:
    for number in range(MOST_METHODS - 1):  # one is there already
        body = {"name": str(number), "kind": "sms", "address": "+12025550109"}
        assert bob.post("/users/me/contact-methods", body).status_code == 201

    body = {"name": "one more", "kind": "sms", "address": "+12025550109"}
    assert "which is the most" in sentence(bob.post("/users/me/contact-methods", body), 409)


def test_what_was_to_be_sent_to_a_removed_contact_method_is_called_back(
    alice: Caller, client: TestClient, method: dict[str, Any]
) -> None:
    alice.post(f"/users/me/contact-methods/{method['id']}/send-code")

    assert alice.delete(f"/users/me/contact-methods/{method['id']}").status_code == 204

    with database_of(client).read() as session:
        (delivery,) = session.exec(select(Delivery)).all()
    assert (delivery.state, delivery.contact_method_id, delivery.finished_at) == ("cancelled", None, NOON)


def test_a_contact_method_goes_with_its_rules(bob: Caller) -> None:
    (method,) = bob.items("/users/me/contact-methods")
    bob.put("/users/me/notification-rules", {"items": [{"urgency": "high", "contact_method": "mobile"}]})

    path = f"/users/me/contact-methods/{method['id']}"
    said = sentence(bob.delete(path), 409)
    assert "Bob Baker has no verified contact method and could not be paged on dev L1" in said
    assert bob.delete(f"{path}?confirm=true").status_code == 204

    assert bob.items("/users/me/contact-methods") == []
    assert bob.items("/users/me/notification-rules") == []


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
