"""What a sender makes of a claim, before any provider is asked."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from notifiers.base import Message, PermanentFailure, Receipt, StatusReport
from oncall.clock import monotonic
from oncall.delivery.claims import Claim
from oncall.delivery.sender import LeaseLost, Sender
from tests.conftest import make_settings

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_delivery_without_words_fails_like_any_other_so_that_the_next_way_is_tried() -> None:
    """No notifier is there to be asked: nothing may be sent."""
    wordless = Claim(7, "sms", "+12025550101", "", 1, 12, None, NOW, "", "twilio", frozenset(), fault="a fault of ours")
    result = Sender(make_settings("sqlite:///unused.db"), {}).send(wordless)
    assert isinstance(result.answer, PermanentFailure)
    assert (result.answer.reason, result.answer.bad_address) == ("a fault of ours", False)


class Unasked:
    """A provider that finds nothing, and must not be sent to."""

    name = "sms"

    def send(self, message: Message) -> Receipt:
        raise AssertionError(f"sent: {message.reference}")

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> None:
        """Nothing is found."""

    def status(self, provider_id: str) -> StatusReport:
        raise AssertionError(f"asked about {provider_id}")


def test_a_process_that_stood_still_past_its_lease_sends_nothing() -> None:
    settings = make_settings("sqlite:///unused.db")
    claim = Claim(7, "sms", "+12025550101", "Disk full", 1, 12, None, NOW, "", "twilio", frozenset())
    late = replace(claim, lease_ends=monotonic() + settings.longest_request - 1)
    assert isinstance(Sender(settings, {"sms": Unasked()}).send(late).answer, LeaseLost)
