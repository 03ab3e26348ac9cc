"""Who would be paged, by API: at any moment, by any severity, with nothing stored."""

from tests.web.api.conftest import Caller, sentence


def test_it_says_whom_by_what_when_and_why(bob: Caller, victor: Caller) -> None:
    told = bob.get("/services/web/would-page", at="2026-01-06T12:00:00Z").json()

    assert (told["urgency"], told["escalation_policy"], told["goes_on"]) == ("high", "dev", False)
    first, second = told["timeline"][:2]
    assert first["user"] == {"handle": "bob", "name": "Bob Baker"}
    assert (first["after_seconds"], first["reason"]) == (0, "the alert triggered")
    assert [(way["kind"], way["contact_method"], way["after_seconds"]) for way in first["ways"]] == [
        ("sms", "mobile", 0)
    ]
    assert (second["user"]["handle"], second["after_seconds"]) == ("carol", 300)
    assert second["reason"] == "no answer from Bob Baker for 5 min"
    assert victor.items("/alerts") == []


def test_what_people_call_their_contact_methods_is_told_to_themselves_and_admins(
    alice: Caller, bob: Caller, victor: Caller
) -> None:
    def names(reader: Caller) -> list[str | None]:
        told = reader.get("/services/web/would-page", at="2026-01-06T12:00:00Z").json()
        return [way["contact_method"] for moment in told["timeline"][:2] for way in moment["ways"]]

    assert (names(alice), names(bob), names(victor)) == (["mobile", "mobile"], ["mobile", None], [None, None])


def test_another_day_it_is_somebody_else(victor: Caller) -> None:
    told = victor.get("/services/web/would-page", at="2026-01-07T12:00:00Z", severity="info").json()

    assert told["urgency"] == "low"
    assert told["timeline"][0]["user"]["handle"] == "carol"


def test_what_is_not_there_or_can_not_be_read_is_refused(victor: Caller) -> None:
    assert "no service shop" in sentence(victor.get("/services/shop/would-page"), 404)
    assert "time zone" in sentence(victor.get("/services/web/would-page", at="2026-01-07T12:00"), 422)
    assert "severity" in sentence(victor.get("/services/web/would-page", severity="bad"), 422)
