"""Texts that people sent to our number, fetched over real HTTP."""

from datetime import timedelta

import pytest

from notifiers.base import TemporaryFailure
from notifiers.twilio_inbox import FetchedText, TwilioInbox
from notifiers.twilio_lookup import PAGE
from tests.fake_twilio import NUMBER, FakeTwilio
from tests.notifiers.conftest import ALICE, BOB, NOW, account

SECOND = timedelta(seconds=1)


def test_what_came_since_then_oldest_first_over_several_pages(twilio: FakeTwilio) -> None:
    twilio.now = lambda: NOW - SECOND
    twilio.receive(BOB, "too old")
    twilio.now = lambda: NOW
    sids = [twilio.receive(ALICE, f"ack {number}").sid for number in range(PAGE + 5)]
    twilio.receive(ALICE, "for another number", to="+12025550300")
    fetched = TwilioInbox(account(twilio)).since(NOW)
    assert [text.provider_id for text in fetched] == sids
    assert fetched[7] == FetchedText(sids[7], ALICE, "ack 7", NOW.replace(microsecond=0))


def test_what_we_sent_to_our_own_number_is_no_answer(twilio: FakeTwilio) -> None:
    own = twilio.receive(NUMBER, "to ourselves")
    own.status = "sent"
    assert TwilioInbox(account(twilio)).since(NOW) == []


def test_not_being_able_to_ask_is_temporary(twilio: FakeTwilio) -> None:
    twilio.go_away()
    with pytest.raises(TemporaryFailure):
        TwilioInbox(account(twilio)).since(NOW)
