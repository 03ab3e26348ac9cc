"""Alice's phone, a fake Twilio, and our notifiers aimed at it over loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from notifiers.base import Message, Notifier
from notifiers.kind import Accounts
from notifiers.registry import notifiers_for
from notifiers.twilio_client import TwilioAccount
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio

ALICE = "+12025550101"
BOB = "+12025550102"
BEFORE = datetime(2026, 1, 5, 9, 59, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 10, 0, 0, 700_000, tzinfo=UTC)
PAGE = "CRITICAL web: Disk full on db1. Reply 12a to ack, 12e escalate, 12r resolve"


def account(twilio: FakeTwilio, *, token: str = TOKEN, timeout: float = 5.0) -> TwilioAccount:
    return TwilioAccount(SID, token, NUMBER, twilio.base_url, timeout)


def page(to: str = ALICE, body: str = PAGE, **more: str | int | None) -> Message:
    return Message(reference="delivery-1", to=to, body=body, at=NOW, **more)  # type: ignore[arg-type]


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio(now=lambda: NOW) as server:
        yield server


@pytest.fixture
def sms(twilio: FakeTwilio) -> Notifier:
    return notifiers_for(Accounts((account(twilio),)))["sms"]


@pytest.fixture
def voice(twilio: FakeTwilio) -> Notifier:
    return notifiers_for(Accounts((account(twilio),)))["voice"]
