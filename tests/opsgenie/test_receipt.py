"""The id of a request tells by itself what became of it, to whoever has the key of its service."""

import hmac
import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall.opsgenie.receipt import BEGINNING, Outcome, Receipt, read_request_id, request_id

NOW = datetime(2026, 11, 23, 14, 0, 0, 123_000, tzinfo=UTC)


def seal(told: bytes) -> bytes:
    return hmac.digest(b"the secret of one service", told, "sha256")


def another_seal(told: bytes) -> bytes:
    return hmac.digest(b"the secret of another", told, "sha256")


@given(
    st.integers(0, 31),
    st.sampled_from(Outcome),
    st.integers(0, 2**36 - 1),
    st.integers(0, 60 * 366 * 86_400_000).map(lambda ms: BEGINNING + timedelta(milliseconds=ms)),
)
def test_it_is_read_as_it_was_written(deed: int, outcome: Outcome, alert_id: int, at: datetime) -> None:
    receipt = Receipt(deed, outcome, alert_id, at)
    assert read_request_id(request_id(receipt, seal), seal) == receipt


def test_it_looks_like_any_random_uuid() -> None:
    made = uuid.UUID(request_id(Receipt(4, Outcome.DONE, 12, NOW), seal))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)


def test_those_of_another_service_and_made_up_ones_are_not_read() -> None:
    made = request_id(Receipt(4, Outcome.DONE, 12, NOW), seal)
    assert read_request_id(made, another_seal) is None
    assert read_request_id(str(uuid.uuid4()), seal) is None
    assert read_request_id("nothing of ours", seal) is None
    assert read_request_id("", seal) is None


@given(st.integers(0, 127))
def test_no_bit_of_it_can_be_changed(bit: int) -> None:
    made = uuid.UUID(request_id(Receipt(4, Outcome.DONE, 12, NOW), seal))
    assert read_request_id(str(uuid.UUID(int=made.int ^ 1 << bit)), seal) is None
