"""A page as a text: one segment, and always how to answer."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.gsm7 import is_gsm7, plain, septets, tidy, utf16_units
from notifiers.kind import PageFacts, PastChange
from notifiers.replies import Reply, parse_reply
from notifiers.text import GSM7, UCS2, fit, notice_text, shadow_text, verification_text
from notifiers.text import page_text as text_of

LINK = "https://oncall.example.com/a/x7Kq-2_b"
DEPLOY = PastChange("deploy web #4711 by bob", "4 min")


def page_text(number: int, summary: str, service: str, severity: str, link: str = "", **others: Any) -> str:
    return text_of(PageFacts(number, summary, service, severity, link, **others))


def test_what_where_how_bad_and_how_to_answer() -> None:
    text = page_text(12, "Disk full on db1 (95% used)", "web", "critical")
    assert text == "CRITICAL web: Disk full on db1 (95% used). Reply 12a to ack, 12e escalate, 12r resolve"


def test_a_link_comes_last() -> None:
    assert page_text(12, "Disk full.", "web", "critical", LINK).endswith(
        f"full. Reply 12a to ack, 12e escalate, 12r resolve {LINK}"
    )


def test_a_link_that_leaves_no_room_for_the_summary_is_left_out() -> None:
    text = page_text(12, "Disk full on db1 " * 9, "web", "critical", "https://oncall.example.com/a/" + "x" * 50)
    assert "https" not in text
    assert septets(text) > 140


def test_what_changed_before_comes_after_the_summary_and_goes_before_the_link() -> None:
    said = "deploy web #4711 by bob, 4 min before. Reply 12a to ack, 12e escalate, 12r resolve"
    short = page_text(12, "Error rate 12 %", "web", "critical", LINK, changes=(DEPLOY,))
    assert short == f"CRITICAL web: Error rate 12 %. {said} {LINK}"
    long = page_text(12, "Error rate 12 % on checkout", "web", "critical", LINK, changes=(DEPLOY,))
    assert long == f"CRITICAL web: Error rate 12 % on checkout. {said}"


def test_a_long_change_is_shortened_but_for_how_long_before_it_was() -> None:
    deploy = PastChange("deploy web #4711: " + "mend the checkout, " * 9, "4 min")
    text = page_text(12, "Error rate 12 %", "web", "critical", LINK, changes=(deploy,))
    assert "Error rate 12 %. deploy web #4711: mend" in text
    assert "..., 4 min before. Reply 12a" in text
    assert septets(text) == 160


def test_a_change_that_leaves_no_room_for_the_summary_is_left_out() -> None:
    summary = "Error rate 12 % on checkout, and the queue of orders grows"
    text = page_text(12, summary + " by the minute", "web", "critical", changes=(DEPLOY,))
    assert text == page_text(12, summary + " by the minute", "web", "critical")


def test_a_shadow_is_told_of_the_change_too_and_a_change_without_words_is_none() -> None:
    facts = PageFacts(12, "Disk full", "web", "critical", is_shadow=True, changes=(DEPLOY,))
    assert shadow_text(facts) == (
        "Shadow: CRITICAL web: Disk full. deploy web #4711 by bob, 4 min before. Alert 12, nothing to do for you"
    )
    nothing = (PastChange(" \n", "4 min"),)
    assert page_text(12, "Disk full", "web", "critical", changes=nothing) == page_text(
        12, "Disk full", "web", "critical"
    )


def test_where_no_reply_can_reach_us_none_is_asked_for() -> None:
    assert (
        page_text(12, "Disk full", "web", "critical", LINK, can_reply=False)
        == f"CRITICAL web: Disk full. Alert 12 {LINK}"
    )
    assert page_text(12, "Disk full", "web", "critical", can_reply=False) == "CRITICAL web: Disk full. Alert 12"


def test_a_long_summary_is_shortened_and_the_instructions_are_not() -> None:
    text = page_text(12, "Disk full on db1, and " * 20, "web", "critical")
    assert text.startswith("CRITICAL web: Disk full on db1, and Disk full")
    assert text.endswith("... Reply 12a to ack, 12e escalate, 12r resolve")
    assert 150 < septets(text) <= 160


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("“Disk” — full… it’s 95 °C", '"Disk" - full... it\'s 95 degC'),
        ("réseau être œuvre Łódź Größe İstanbul", "réseau etre oeuvre Lodz Größe Istanbul"),
        ("a → b, x ≥ 5, 3 × 4, ½, m², ﬁne", "a -> b, x >= 5, 3 x 4, 1/2, m2, fine"),
        ("🔥 CPU\u200b hot\u00a0🔥️", "CPU hot"),
        ("two\r\nlines\tand\x00 more", "two lines and more"),
        ("{a|b}[c]~^\\€", "{a|b}[c]~^\\€"),
    ],
)
def test_what_gsm7_lacks_is_said_plainly(written: str, sent: str) -> None:
    assert plain(written) == sent
    assert is_gsm7(sent)


def test_extension_characters_cost_two() -> None:
    assert septets("a{€") == 5


@pytest.mark.parametrize("summary", ["Диск заполнен — “db1”", "磁盘已满", "ディスクがいっぱいです é", "डिस्क भर गई"])
def test_other_scripts_are_kept_as_written(summary: str) -> None:
    text = page_text(12, summary, "web", "critical")
    assert text == f"CRITICAL web: {summary}. Reply 12a to ack, 12e escalate, 12r resolve"


def test_a_summary_of_nothing_but_pictures_keeps_them() -> None:
    assert page_text(1, "🔥🔥", "web", "critical").startswith("CRITICAL web: 🔥🔥. Reply 1a")


def test_an_empty_summary_is_said_to_be_empty() -> None:
    assert page_text(1, " \n", "web", "info").startswith("INFO web: (no summary). Reply 1a")


def test_fit_keeps_head_and_tail_even_where_nothing_fits_between() -> None:
    assert fit("H" * 150, "middle", "T" * 20) == "H" * 150 + " " + "T" * 20


@given(
    number=st.integers(1, 10**9 - 1),
    summary=st.text(max_size=400),
    service=st.text(min_size=1, max_size=60),
    severity=st.sampled_from(["critical", "error", "warning", "info"]),
    link=st.sampled_from(["", LINK]),
    changed=st.text(max_size=200),
)
def test_any_page_fits_and_says_how_to_answer(
    number: int, summary: str, service: str, severity: str, link: str, changed: str
) -> None:
    changes = (PastChange(changed, "29 min"),) if changed else ()
    text = page_text(number, summary, service, severity, link, changes=changes)
    if is_gsm7(text):
        assert septets(text) <= GSM7.limit
    else:
        assert utf16_units(text) <= UCS2.limit
    assert "\n" not in text
    assert text.startswith(severity.upper())
    answers = re.findall(r"\d+[aer](?= to ack| escalate| resolve)", text)
    actions = [parse_reply(answer) for answer in answers[-3:]]
    assert actions == [Reply("acknowledge", number), Reply("escalate", number), Reply("resolve", number)]


@given(st.text())
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert tidy(tidy(text)) == tidy(text)
    tidy(text).encode()


@given(st.text(alphabet="abcdefghij {}~€.,", max_size=300))
def test_a_page_in_gsm7_stays_in_one_segment(summary: str) -> None:
    text = page_text(7, summary, "web", "critical")
    assert is_gsm7(text)
    assert septets(text) <= 160


def test_a_verification_text_is_one_segment_with_the_code_first() -> None:
    text = verification_text("123456")
    assert text.startswith("123456 ")
    assert is_gsm7(text)
    assert septets(text) <= 160


@given(st.text(max_size=900))
def test_a_notice_has_three_segments_at_most(words: str) -> None:
    text = notice_text(words)
    assert septets(text) <= 3 * 153 if is_gsm7(text) else utf16_units(text) <= 3 * 67


def test_a_notice_is_said_plainly_and_keeps_other_scripts() -> None:
    assert notice_text("Your week: dev (L1) – until “Fri”…") == 'Your week: dev (L1) - until "Fri"...'
    assert notice_text("Before you: 田中.") == "Before you: 田中."
    assert notice_text("You are on call. " * 40).endswith("...")
