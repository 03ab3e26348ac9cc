"""One message about several alerts, in the words of each kind."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.gsm7 import is_gsm7, septets, utf16_units
from notifiers.kind import BundleFacts, PageFacts
from notifiers.registry import KINDS
from notifiers.text import bundle_text

LINK = "https://oncall.example.com/alerts?mine=1"


def page(number: int, summary: str, service: str = "payments-api") -> PageFacts:
    return PageFacts(number, summary, service, "critical", f"https://oncall.example.com/alerts/{number}")


FACTS = BundleFacts(
    7, "critical", ("payments-api",), "3 min", (page(12, "Disk full on db1"), page(13, "Error rate 12 %")), LINK
)
TWO = replace(
    FACTS, count=12, services=("db", "web"), pages=(page(1, "Disk full", "db"), page(2, "Search fails", "web"))
)


def said(kind: str, facts: BundleFacts = FACTS) -> str:
    return KINDS[kind].bundle(facts)


def test_a_text_says_how_many_where_since_when_what_and_how_to_answer() -> None:
    assert said("sms") == (
        "CRITICAL: 7 alerts on payments-api, oldest 3 min: Disk full on db1; Error rate 12 %. "
        f"Reply ack all or open {LINK}"
    )
    assert said("sms", replace(TWO, link="")) == (
        "CRITICAL: 12 alerts on 2 services, oldest 3 min: db: Disk full; web: Search fails. Reply ack all"
    )


def test_where_no_reply_reaches_us_none_is_asked_for() -> None:
    assert said("sms", replace(FACTS, can_reply=False)).endswith(f"Error rate 12 %. {LINK}")


def test_whoever_follows_along_is_asked_for_nothing() -> None:
    for kind in KINDS:
        text = said(kind, replace(FACTS, is_shadow=True)).lower()
        assert "ack" not in text.replace("is_shadow", ""), kind


def test_in_a_team_s_own_place_none_asks_for_an_answer_to_all_which_is_something_else_to_each() -> None:
    for kind in KINDS:
        text = said(kind, replace(FACTS, is_post=True, can_reply=False)).lower()
        assert "ack all" not in text, kind
        assert "answers all" not in text, kind


def test_a_call_says_the_first_of_them_and_that_a_key_answers_all() -> None:
    assert said("voice") == (
        "7 alerts on payments api, the gravest critical, the oldest open for 3 minutes. "
        "Disk full on d b 1. Error rate 12 percent. And 5 more. A key answers all 7."
    )


def test_an_email_lists_them() -> None:
    subject, opening, listed, below = said("email").split("\n\n")
    assert subject == "CRITICAL 7 alerts on payments-api: Disk full on db1"
    assert opening == "7 alerts on payments-api, the oldest open for 3 min"
    assert listed.splitlines() == [
        "#12 CRITICAL payments-api: Disk full on db1",
        "#13 CRITICAL payments-api: Error rate 12 %",
        "and 5 more",
    ]
    assert below == f"All of them: {LINK}"


def test_slack_and_irc_name_them() -> None:
    assert said("slack").splitlines() == [
        "CRITICAL: 7 alerts on payments-api, the oldest open for 3 min",
        "#12 Disk full on db1",
        "#13 Error rate 12 %",
        "and 5 more",
        LINK,
    ]
    assert said("irc").endswith(f"Disk full on db1; Error rate 12 %. !ack all {LINK}")


def test_a_webhook_holds_the_first_as_a_page_and_the_others_beside_it() -> None:
    message = json.loads(said("webhook"))
    assert (message["type"], message["data"]["alert"], message["data"]["count"]) == ("page", 12, 7)
    assert [other["alert"] for other in message["data"]["others"]] == [13]


@given(
    st.lists(st.tuples(st.text(max_size=1024), st.text(max_size=100)), min_size=1, max_size=30),
    st.integers(2, 10_000),
    st.booleans(),
)
def test_a_text_keeps_to_its_segments_and_says_how_to_answer(
    alerts: list[tuple[str, str]], count: int, is_shadow: bool
) -> None:
    pages = tuple(page(number, summary, service) for number, (summary, service) in enumerate(alerts))
    services = tuple(sorted({service for _, service in alerts}))
    text = bundle_text(BundleFacts(count, "critical", services, "3 min", pages, LINK, is_shadow=is_shadow))
    assert septets(text) <= 160 if is_gsm7(text) else utf16_units(text) <= 3 * 67
    assert ("Reply ack all" in text) is not is_shadow


@pytest.mark.parametrize("kind", KINDS)
def test_very_many_are_cut(kind: str) -> None:
    pages = tuple(page(number, "x" * 1024) for number in range(100))
    assert len(said(kind, replace(FACTS, count=10_000, pages=pages))) < 150_000
