"""What a sender makes of a claim, before any provider is asked."""

from datetime import UTC, datetime

from notifiers.base import PermanentFailure
from oncall.delivery.claims import Claim
from oncall.delivery.sender import Sender
from tests.conftest import make_settings

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_delivery_without_words_fails_like_any_other_so_that_the_next_way_is_tried() -> None:
    """No notifier is there to be asked: nothing may be sent."""
    wordless = Claim(7, "sms", "+12025550101", "", 1, 12, None, NOW, "", "twilio", frozenset(), fault="a fault of ours")
    result = Sender(make_settings("sqlite:///unused.db"), {}).send(wordless)
    assert isinstance(result.answer, PermanentFailure)
    assert (result.answer.reason, result.answer.bad_address) == ("a fault of ours", False)
