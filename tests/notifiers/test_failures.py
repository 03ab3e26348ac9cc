"""A failure says permanent or temporary, and never a phone number."""

import socket
from dataclasses import replace

import pytest

from notifiers.base import Notifier, PermanentFailure, TemporaryFailure
from notifiers.kind import Accounts
from notifiers.registry import notifiers_for
from notifiers.twilio_client import TwilioAccount
from notifiers.twilio_errors import PERMANENT, TEMPORARY, failure_for
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.notifiers.conftest import ALICE, BEFORE, BOB, account, page


@pytest.mark.parametrize("code", [21211, 21214, 21610, 21614])
@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_a_number_that_can_never_be_reached_is_permanent(twilio: FakeTwilio, kind: str, code: int) -> None:
    twilio.fail_for(ALICE, code)
    notifier = notifiers_for(Accounts((account(twilio),)))[kind]
    with pytest.raises(PermanentFailure, match=str(code)) as failure:
        notifier.send(page())

    assert failure.value.permanent
    assert ALICE not in failure.value.reason
    assert notifier.send(page(to=BOB)).provider_id, "another number is not affected"


@pytest.mark.parametrize(
    ("status", "code", "maybe_accepted"),
    [(429, 20429, False), (429, 0, False), (500, 0, True), (502, 20500, True), (503, 0, False), (400, 30001, False)],
)
def test_trouble_at_the_provider_is_temporary(
    twilio: FakeTwilio, sms: Notifier, status: int, code: int, maybe_accepted: bool
) -> None:
    twilio.fail_next(1, status, code)
    with pytest.raises(TemporaryFailure) as failure:
        sms.send(page())
    assert failure.value.maybe_accepted is maybe_accepted
    assert sms.send(page()).provider_id


def test_an_unknown_refusal_is_permanent_and_keeps_its_code(twilio: FakeTwilio, sms: Notifier) -> None:
    twilio.fail_for(ALICE, 29999)
    with pytest.raises(PermanentFailure, match="29999"):
        sms.send(page())


def test_a_wrong_token_is_temporary_and_says_what_to_mend(twilio: FakeTwilio) -> None:
    sms = notifiers_for(Accounts((account(twilio, token="wrong-token"),)))["sms"]
    for ask in (lambda: sms.send(page()), lambda: sms.status("SM1"), lambda: sms.find(page(), BEFORE)):
        with pytest.raises(TemporaryFailure) as failure:
            ask()
        assert "wrong-token" not in failure.value.reason
    with pytest.raises(TemporaryFailure, match="ONCALL_TWILIO_AUTH_TOKEN"):
        sms.send(page())


@pytest.mark.parametrize(("status", "may_come_late"), [(502, False), (504, True)])
def test_a_gateway_that_gave_up_waiting_says_that_it_may_come_late(
    twilio: FakeTwilio, sms: Notifier, status: int, may_come_late: bool
) -> None:
    twilio.fail_next(1, status)
    with pytest.raises(TemporaryFailure) as failure:
        sms.send(page())
    assert (failure.value.maybe_accepted, failure.value.may_come_late) == (True, may_come_late)


@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_a_message_may_leave_less_time_than_there_is_and_the_next_has_all_of_it(twilio: FakeTwilio, kind: str) -> None:
    notifier = notifiers_for(Accounts((account(twilio),)))[kind]
    twilio.hang(0.3)
    with pytest.raises(TemporaryFailure) as failure:
        notifier.send(replace(page(), seconds=0.05))
    assert failure.value.may_come_late
    assert notifier.send(page()).provider_id


def test_a_time_out_may_have_been_accepted(twilio: FakeTwilio) -> None:
    sms = notifiers_for(Accounts((account(twilio, timeout=0.2),)))["sms"]
    twilio.hang(10)
    with pytest.raises(TemporaryFailure, match="in time") as failure:
        sms.send(page())
    assert failure.value.maybe_accepted


def test_a_server_that_is_away_accepted_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sms = notifiers_for(Accounts((TwilioAccount(SID, TOKEN, NUMBER, f"http://127.0.0.1:{port}", 1.0),)))["sms"]
    with pytest.raises(TemporaryFailure, match="connection") as failure:
        sms.send(page())
    assert not failure.value.maybe_accepted
    with pytest.raises(TemporaryFailure):
        sms.find(page(), BEFORE)


def test_a_text_that_cannot_be_encoded_is_permanent(sms: Notifier) -> None:
    with pytest.raises(PermanentFailure, match="characters"):
        sms.send(page(body="half a pair \ud83d"))


def test_an_unknown_message_cannot_be_asked_about(sms: Notifier) -> None:
    with pytest.raises(TemporaryFailure, match="20404"):
        sms.status("SM" + "f" * 32)


def test_every_known_code_is_either_permanent_or_temporary() -> None:
    assert not PERMANENT.keys() & TEMPORARY.keys()
    assert all(failure_for(code, 400).permanent for code in PERMANENT)
    assert not any(failure_for(code, 400).permanent for code in TEMPORARY)


@pytest.mark.parametrize("code", [10001, 20005, 20403, 30002, 90010])
def test_a_suspended_account_is_said_to_be_and_says_nothing_of_the_phone(code: int) -> None:
    failure = failure_for(code, 400)
    assert not failure.permanent
    assert "suspended" in failure.reason


@pytest.mark.parametrize(
    ("code", "is_permanent"), [(30001, False), (30008, False), (30006, True), (0, False), (39999, False)]
)
def test_a_delivery_error_is_permanent_only_if_known_to_be(code: int, is_permanent: bool) -> None:
    failure = failure_for(code)
    assert failure.permanent is is_permanent
    assert failure.reason
