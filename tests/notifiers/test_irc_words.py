"""What a page says on IRC, and what is a nick."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.irc import KIND, LINE
from notifiers.irc_line import LONGEST_TEXT
from notifiers.kind import Accounts, PageFacts

LINK = "https://oncall.example.com/alerts/12"


def test_a_page_says_how_bad_where_what_and_how_to_answer() -> None:
    facts = PageFacts(12, "Disk full on db1", "web", "critical", LINK, can_reply=False)
    assert KIND.page(facts) == f"CRITICAL web: Disk full on db1. !ack 12 {LINK}"


def test_a_shadows_copy_asks_for_nothing() -> None:
    facts = PageFacts(12, "Disk full on db1", "web", "critical", is_shadow=True)
    assert KIND.page(facts) == "Shadow: CRITICAL web: Disk full on db1. Alert 12, nothing to do for you"


def test_a_page_without_a_summary_says_so() -> None:
    assert KIND.page(PageFacts(12, "\x02\r\n", "web", "critical")) == "CRITICAL web: (no summary). !ack 12"


@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=20))
def test_whatever_the_alert_says_a_page_is_one_line_that_fits(summary: str, service: str, severity: str) -> None:
    text = KIND.page(PageFacts(12, summary, service, severity, LINK))
    assert len(text.encode()) <= LINE.limit < LONGEST_TEXT
    assert text.endswith(f"!ack 12 {LINK}")
    assert not any(character < " " for character in text)


def test_the_code_stands_first() -> None:
    assert KIND.code("123456").startswith("123456 is your code")


def test_a_nick_is_stored_in_lower_case() -> None:
    assert KIND.address(" Alice[Away] ") == "alice[away]"


@pytest.mark.parametrize(
    "text",
    ["", "#warroom", "alice,bob", "alice bob", "12alice", "alice!a@h", "alice\r\nQUIT", "$$*", "a" * 31, "älice"],
)
def test_what_is_no_nick_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="is no nick: write one as on IRC, such as alice"):
        KIND.address(text)


def test_without_an_account_there_is_no_bot() -> None:
    assert KIND.make(Accounts()) is None
