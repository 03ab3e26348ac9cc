"""What a sender makes of a claim, before any provider is asked."""

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from notifiers.base import Message, PermanentFailure, Receipt, StatusReport, TemporaryFailure
from oncall.clock import monotonic
from oncall.delivery.claims import Claim
from oncall.delivery.sender import Sender
from tests.conftest import make_settings

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_delivery_without_words_fails_like_any_other_so_that_the_next_way_is_tried() -> None:
    """No notifier is there to be asked: nothing may be sent."""
    wordless = Claim(7, "sms", "+12025550101", "", 1, 12, None, NOW, "", frozenset(), fault="a fault of ours")
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


@pytest.mark.parametrize("sent_before", [None, NOW])
def test_a_process_that_stood_still_past_its_lease_sends_nothing(sent_before: datetime | None) -> None:
    """Another process has taken it over; whether an earlier attempt arrived is as unsure as before."""
    settings = make_settings("sqlite:///unused.db")
    ends = monotonic() + settings.longest_request - 1
    about = (7, "sms", "+12025550101", "Disk full", 1, 12, sent_before, NOW, "", frozenset[str]())
    result = Sender(settings, {"sms": Unasked()}).send(Claim(*about, lease_ends=ends))
    assert isinstance(result.answer, TemporaryFailure)
    assert result.answer.maybe_accepted == (sent_before is not None)
