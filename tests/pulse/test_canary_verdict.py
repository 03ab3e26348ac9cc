"""What a canary's last message says of the account that it tries."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery
from oncall.pulse.canary_verdict import NOT_KNOWN, latency, problem, tells_nothing

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def canary(state: DeliveryState, kind: str = "sms", by: str = "second", error: str = "") -> Delivery:
    sent_at = None if state is DeliveryState.PENDING else NOON + MINUTE
    times = {"created_at": NOON, "due_at": NOON, "sent_at": sent_at}
    own = {"only_by": "second" if kind == "sms" else kind, "provider": by}
    return Delivery(kind=kind, address="x", state=state, error=error, finished_at=NOON + 2 * MINUTE, **times, **own)


@pytest.mark.parametrize(
    ("delivery", "minutes", "found"),
    [
        (canary(DeliveryState.DELIVERED), 2, ""),
        (canary(DeliveryState.FAILED, error="No such number"), 2, "No such number"),
        (canary(DeliveryState.PENDING, by=""), 5, None),
        (canary(DeliveryState.PENDING, error="It hangs"), 6, "not taken by the provider for 5 min: It hangs"),
        (canary(DeliveryState.SENT), 11, None),
        (canary(DeliveryState.SENT), 12, "sent, no receipt for 10 min"),
        (canary(DeliveryState.SENT, "email", by="email"), 2, ""),
        (canary(DeliveryState.CANCELLED), 60, None),
    ],
)
def test_its_verdict(delivery: Delivery, minutes: int, found: str | None) -> None:
    assert problem(delivery, NOON + minutes * MINUTE) == found


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED])
def test_what_an_older_version_sent_by_another_account_says_nothing_of_this_one(state: DeliveryState) -> None:
    elsewhere = canary(state, by="twilio")
    assert (problem(elsewhere, NOON + 60 * MINUTE), latency(elsewhere)) == (None, NOT_KNOWN)
    assert tells_nothing(elsewhere)
