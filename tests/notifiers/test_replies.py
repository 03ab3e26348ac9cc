"""What people text back, half asleep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.replies import ABOUT_ALERTS, WORDS, Reply, begun_reply, parse_reply


@pytest.mark.parametrize(
    "text",
    ["ack 12", "12a", "a12", "a 12", "12 a", "ACK 12", "Ack #12", "#12 ack", "ack  12 ", "ack12", "Ack 12.", '"ack 12"',
     "“12A”", "'12a'!", "(a12)", "acknowledge 12", "\n12a\n", "１２ａ"],
)  # fmt: skip
def test_alert_12_is_acknowledged(text: str) -> None:
    assert parse_reply(text) == Reply("acknowledge", 12)


@pytest.mark.parametrize("text", ["resolve 12", "12r", "R12", "r 12", "Resolved #12", "res 12"])
def test_alert_12_is_resolved(text: str) -> None:
    assert parse_reply(text) == Reply("resolve", 12)


@pytest.mark.parametrize("text", ["esc 12", "escalate 12", "12e", "E12", "12 esc"])
def test_alert_12_is_escalated(text: str) -> None:
    assert parse_reply(text) == Reply("escalate", 12)


@pytest.mark.parametrize("text", ["ack", "A", "Ack!", " ack "])
def test_a_bare_ack_means_the_only_open_alert(text: str) -> None:
    assert parse_reply(text) == Reply("acknowledge")


def test_all_means_every_open_alert() -> None:
    assert parse_reply("Ack all") == Reply("acknowledge", all=True)
    assert parse_reply("RESOLVE  ALL.") == Reply("resolve", all=True)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("STOP", "stop"),
        ("stopall", "stop"),
        ("Unsubscribe", "stop"),
        ("START", "start"),
        ("unstop", "start"),
        ("Help?", "help"),
    ],
)
def test_the_carriers_words_are_known(text: str, action: str) -> None:
    reply = parse_reply(text)
    assert reply is not None
    assert (reply.action, reply.number, reply.all) == (action, None, False)


@pytest.mark.parametrize(
    "text",
    ["", " ", "12", "#", "all", "hello", "ok", "no ack 12", "ack 12 13", "ack twelve", "don't ack", "stop 12",
     "stop all", "esc all", "x12", "12x", "ack -12x", "ack 1234567890",
     "Liked “CRITICAL web: Disk full. Reply 12a ack”", "💤", "12a 13r"],
)  # fmt: skip
def test_what_is_not_understood_does_nothing(text: str) -> None:
    assert parse_reply(text) is None


@given(word=st.sampled_from(sorted(w for w in WORDS if WORDS[w] in ABOUT_ALERTS)), number=st.integers(0, 10**9 - 1))
def test_every_word_works_before_and_after_any_number(word: str, number: int) -> None:
    expected = Reply(WORDS[word], number)
    for text in (f"{word} {number}", f"{number}{word}", f"{word.upper()}{number}", f" #{number}  {word.title()}. "):
        assert parse_reply(text) == expected


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    reply = parse_reply(text)
    assert reply is None or not (reply.all and reply.number)


@pytest.mark.parametrize(
    ("text", "begins_with"),
    [
        ("Ack 12, on it", "ack 12"),
        ("#12 ack thanks", "#12 ack"),
        ("12a 13a", "12a"),
        ("Ack all, thanks", "ack all"),
        ("ack on it", ""),
        ("A message for you", ""),
        ("don't ack 12 yet", ""),
        ("stop 12 now", ""),
        ("", ""),
    ],
)
def test_an_answer_that_a_text_only_begins_with_is_known(text: str, begins_with: str) -> None:
    assert begun_reply(text) == begins_with
