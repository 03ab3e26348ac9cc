"""`oncall webhook-secret`."""

import pytest

from notifiers.webhook_signature import secret_bytes
from tests.cli.conftest import Oncall


def test_the_secret_is_printed_and_stays_the_same(oncall: Oncall) -> None:
    first, again = oncall("webhook-secret"), oncall("webhook-secret")

    assert first.code == 0
    assert len(secret_bytes(first.out.strip())) == 32
    assert first.out == again.out


def test_one_that_is_set_is_printed_as_it_is(oncall: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    assert oncall("webhook-secret").out.strip() == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
