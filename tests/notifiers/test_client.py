"""One client for all threads, aimed at any server, and silent about what it sends."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import FrameType
from typing import Any

import pytest

from notifiers.base import Notifier
from notifiers.kind import Accounts
from notifiers.registry import notifiers_for
from notifiers.twilio_client import TwilioAccount, TwilioClient
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.notifiers.conftest import ALICE, BEFORE, account, page

THREADS = 32


@pytest.fixture
def switching_inside_the_library() -> Iterator[None]:
    """Lets another thread run before each line of Twilio's HTTP client, as a debugger or tracer does."""

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.endswith("http_client.py"):
            return None
        time.sleep(0)
        return trace

    before = threading.gettrace()
    threading.settrace(trace)
    yield
    threading.settrace(before)


@pytest.mark.usefixtures("switching_inside_the_library")
def test_many_threads_each_get_their_own_receipt(twilio: FakeTwilio, sms: Notifier) -> None:
    start = Barrier(THREADS)

    def send(sender: int) -> dict[str, str]:
        start.wait()
        return {sms.send(page(body=f"Alert {sender}-{i}")).provider_id: f"Alert {sender}-{i}" for i in range(5)}

    with ThreadPoolExecutor(THREADS) as threads:
        receipts = {sid: body for sent in threads.map(send, range(THREADS)) for sid, body in sent.items()}

    assert receipts == {text.sid: text.body for text in twilio.take_messages()}
    assert len(receipts) == THREADS * 5
    assert twilio.connections <= THREADS, "connections are reused, also across threads"


def test_threads_that_come_later_use_the_open_connections(twilio: FakeTwilio, sms: Notifier) -> None:
    for number in range(5):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(sms.send, page(body=f"Alert {number}")).result()
    assert twilio.connections == 1


def test_a_server_below_a_path_is_reached_lists_included() -> None:
    with FakeTwilio(prefix="/gateway/twilio") as twilio:
        for base_url in (twilio.base_url, twilio.base_url + "/"):
            below = TwilioAccount(SID, TOKEN, NUMBER, base_url)
            sms = notifiers_for(Accounts((below,)))["sms"]
            assert sms.status(sms.send(page()).provider_id).state == "sent"
            assert sms.find(page(), since=BEFORE) is not None
        bodies = [text.body for text in TwilioClient(below).messages.list(page_size=1)]
        assert bodies == [page().body] * 2


def test_a_proxy_named_by_the_environment_is_used(twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", twilio.base_url)
    far = TwilioAccount(SID, TOKEN, NUMBER, "http://twilio.example")
    notifiers_for(Accounts((far,)))["sms"].send(page())
    assert [text.body for text in twilio.take_messages()] == [page().body]


def test_nothing_sent_is_logged(twilio: FakeTwilio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="twilio")
    notifiers = notifiers_for(Accounts((account(twilio),)))
    for kind in ("sms", "voice"):
        notifiers[kind].send(page())
        notifiers[kind].find(page(), since=BEFORE)
    assert caplog.text.count("twilio.http_client") == 0
    assert ALICE[1:] not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("twilio")
    )


def test_the_token_is_not_in_the_accounts_repr(twilio: FakeTwilio) -> None:
    assert TOKEN not in repr(account(twilio))
