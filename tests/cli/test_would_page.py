"""`oncall would-page`: who would be paged, and when."""

from tests.cli.conftest import Oncall


def test_it_lists_who_would_be_paged(oncall: Oncall) -> None:
    first, _, *rows = oncall("would-page", "web", "--at", "2026-01-06T12:00Z").out.splitlines()

    assert first == "web, critical: urgency high, policy dev"
    assert [row.split(maxsplit=6)[-1] for row in rows[:3]] == [
        "Bob Baker (dev L1) would be paged: the alert triggered",
        "text to mobile",
        "Carol Cohen (dev L2) would be paged: no answer from Bob Baker for 5 min",
    ]


def test_as_json_it_is_what_the_api_says(oncall: Oncall) -> None:
    told = oncall("would-page", "web", "--at", "2026-01-06T12:00Z", "--severity", "info", "--json").json()

    assert told["urgency"] == "low"
    assert told["timeline"][0]["user"] == {"handle": "bob", "name": "Bob Baker"}
    assert told["timeline"][0]["ways"][0]["contact_method"] == "mobile"


def test_a_service_that_is_not_there_is_said(oncall: Oncall) -> None:
    said = oncall("would-page", "shop")

    assert (said.code, said.err) == (1, "There is no service shop.\n")
