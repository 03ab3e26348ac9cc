"""The audit log by API."""

from tests.web.api.conftest import Caller, sentence


def test_it_lists_what_was_done_newest_first_and_in_pages(alice: Caller) -> None:
    for handle in ("dora", "erin"):
        alice.post("/users", {"handle": handle, "name": handle.title()})

    first = alice.get("/audit", limit=1).json()

    assert [entry["what"] for entry in first["items"]] == ["person erin: made, role user"]
    assert (first["items"][0]["by"], first["items"][0]["via"]) == ("Alice Archer", "by API")
    assert [entry["what"] for entry in alice.items("/audit", cursor=first["next"])] == ["person dora: made, role user"]
    assert [entry["what"] for entry in alice.items("/audit", text="dora")] == ["person dora: made, role user"]


def test_it_is_for_admins(bob: Caller) -> None:
    assert "does not allow you" in sentence(bob.get("/audit"), 403)
