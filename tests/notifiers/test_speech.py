"""A page as speech."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.kind import PageFacts, PastChange
from notifiers.speech import LONGEST, page_speech, spoken


def test_a_page_is_said_in_plain_sentences() -> None:
    speech = page_speech(PageFacts(12, "Disk full on db1 (95% used)", "web", "critical"))
    assert speech == "Critical alert 12 on web. Disk full on d b 1, 95 percent used."


def test_what_changed_before_is_said_last() -> None:
    deploy = PastChange("deploy web #4711 by bob", "1 min")
    assert page_speech(PageFacts(12, "Disk full", "web", "critical", changes=(deploy,))) == (
        "Critical alert 12 on web. Disk full. 1 minute before: deploy web 4711 by bob."
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("HighErrorRate", "High Error Rate"),
        ("p99_latency > 200ms", "p 99 latency above 200 milliseconds"),
        ("app.example.com:8080 down", "app dot example dot com:8080 down"),
        ("http 5.3% & rising at 12:30", "h t t p 5.3 percent and rising at 12:30"),
        ("see https://wiki.example.com/x now", "see now"),
        ("pod web-7f (id 3f2a9b8c-1234-5678-9abc)", "pod web 7 f, id"),
        ("load → high; swap: ***10GB***", "load, high, swap, 10 gigabytes"),
        ("-5 degrees, 3-4 hosts", "minus 5 degrees, 3 4 hosts"),
        ("Диск db1", "Диск d b 1"),
        ("💥", ""),
    ],
)
def test_nothing_odd_is_spelled(written: str, said: str) -> None:
    assert spoken(written) == said


def test_a_summary_without_words_is_left_out() -> None:
    assert page_speech(PageFacts(3, "***", "web", "info")) == "Info alert 3 on web."


@given(st.text(max_size=1000))
def test_any_summary_can_be_said(text: str) -> None:
    said = spoken(text)
    assert len(said) <= LONGEST
    assert not set(said) & set('()[]{}<>%&+=@/_*#|~^\\"\n')
