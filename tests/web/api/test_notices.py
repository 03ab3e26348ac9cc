"""What the caller was told that is not about an alert."""

from oncall.models import NoticeKind
from oncall.notices.tell import notify
from oncall.people.people import find_user
from tests.application import database_of
from tests.client import TestClient
from tests.web.api.conftest import NOON, Caller, Clock


def tell(client: TestClient, handle: str, *texts: str) -> None:
    with database_of(client).transaction() as session:
        user = find_user(session, handle)
        assert user.id is not None
        for text in texts:
            notify(session, [user.id], NoticeKind.SWAP, text, NOON)


def test_my_notices_say_how_each_was_delivered(bob: Caller, carol: Caller, client: TestClient) -> None:
    tell(client, "bob", "You are on call.")

    assert bob.items("/users/me/notices") == [
        {
            "id": 1,
            "kind": "swap",
            "text": "You are on call.",
            "created_at": "2026-01-06T12:00:00Z",
            "deliveries": [
                {
                    "kind": "sms",
                    "address": "+12025550102",
                    "state": "pending",
                    "sent_at": None,
                    "finished_at": None,
                    "error": "",
                }
            ],
        }
    ]
    assert carol.items("/users/me/notices") == []


def test_who_has_nothing_to_be_texted_at_finds_the_notice_all_the_same(alice: Caller, client: TestClient) -> None:
    tell(client, "alice", "You are on call.")

    (notice,) = alice.items("/users/me/notices")
    assert notice["deliveries"] == []


def test_the_list_goes_on_from_its_cursor_newest_first(bob: Caller, client: TestClient) -> None:
    tell(client, "bob", "one", "two", "three")

    first = bob.get("/users/me/notices", limit=2).json()
    assert [notice["text"] for notice in first["items"]] == ["three", "two"]
    rest = bob.get("/users/me/notices", limit=2, cursor=first["next"]).json()
    assert ([notice["text"] for notice in rest["items"]], rest["next"]) == (["one"], None)


def test_notices_do_not_count_as_codes(bob: Caller, client: TestClient, clock: Clock) -> None:
    """Of which nobody is sent more than ten an hour."""
    tell(client, "bob", *map(str, range(20)))
    body = {"name": "new", "kind": "sms", "address": "+12025550102"}
    method = bob.post("/users/me/contact-methods", body).json()

    assert bob.post(f"/users/me/contact-methods/{method['id']}/send-code").status_code == 202
