"""The fake is a part of the proof, so it is held to Twilio's manners as well."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

from notifiers.kind import Accounts
from notifiers.registry import notifiers_for
from notifiers.replies import parse_reply
from notifiers.twilio_callback import inbound_text, is_genuine, status_report
from notifiers.twilio_client import TwilioAccount
from notifiers.twilio_twiml import reply_twiml
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.notifiers.conftest import ALICE, account, page

URL = "https://oncall.example.com/callbacks/twilio/sms"


def test_callbacks_are_signed_and_can_be_late_double_or_forged(twilio: FakeTwilio) -> None:
    heard: list[tuple[bool, str]] = []

    def post(url: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        heard.append((is_genuine(TOKEN, url, form, headers["X-Twilio-Signature"]), status_report(form).state))
        return 204, ""

    twilio.post = post
    notifiers_for(Accounts((account(twilio),)))["sms"].send(page(status_url=URL))
    [text] = twilio.take_messages()
    twilio.deliver(text)
    twilio.deliver(text)
    twilio.report(text, "sent")
    twilio.report(text, "failed", forge=True, ErrorCode="30005")
    assert heard == [(True, "delivered"), (True, "delivered"), (True, "sent"), (False, "failed")]
    assert text.status == "delivered"


def test_a_reply_by_text_comes_back_to_the_phone(twilio: FakeTwilio) -> None:
    def post(url: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        assert is_genuine(TOKEN, url, form, headers["X-Twilio-Signature"])
        reply = parse_reply(inbound_text(form).body)
        return 200, reply_twiml(f"Alert {reply.number} acknowledged." if reply else "")

    twilio.post = post
    assert twilio.text(ALICE, "12a", NUMBER, URL) == "Alert 12 acknowledged."
    assert twilio.text(ALICE, "what?", NUMBER, URL) == ""


def test_it_runs_as_a_process_of_its_own_and_counts_for_others() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.fake_twilio", "--auth-token", "secret", "--auto-status"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            sms = notifiers_for(Accounts((TwilioAccount(SID, "secret", NUMBER, url),)))["sms"]
            receipt = sms.send(page())
            seen = requests.get(f"{url}/_control/messages", timeout=5).json()
            assert [text["sid"] for text in seen["messages"]] == [receipt.provider_id]
            assert seen["calls"] == []
        finally:
            process.send_signal(signal.SIGTERM)
