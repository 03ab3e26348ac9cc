"""Webhooks: signed, never to where they must not lead, and what each answer means."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook as StandardWebhook
from standardwebhooks import WebhookVerificationError

from notifiers.base import Message, Notifier, SendFailure
from notifiers.kind import Accounts, PageFacts, PastChange
from notifiers.registry import KINDS, notifiers_for
from notifiers.webhook_signature import WebhookAccount, as_secret, secret_bytes, signature
from oncall.clock import monotonic, system_clock
from tests.notifiers.conftest import BEFORE, NOW, page
from tests.web_receiver import WebReceiver, web_receiver

KEY = bytes(range(32))
HOOK = KINDS["webhook"]
LINK = "https://oncall.example.com/answer/7.signature"
DEPLOY = PastChange("deploy web #4711 by bob", "4 min")
FACTS = PageFacts(
    12, "Disk full on db1", "web", "critical", "https://oncall.example.com/alerts/12", NOW, changes=(DEPLOY,)
)


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as running:
        yield running


def webhook(*, private: bool = True, timeout: float = 5.0) -> Notifier:
    return notifiers_for(Accounts(webhook=WebhookAccount(KEY, private, timeout)))["webhook"]


def message(to: str, body: str = HOOK.page(FACTS), **more: str) -> Message:
    return page(to, body, **more)


def failure(to: str, notifier: Notifier) -> SendFailure:
    with pytest.raises(SendFailure) as caught:
        notifier.send(message(to))
    assert "secret-path" not in caught.value.reason
    assert "127.0.0.1" not in caught.value.reason
    return caught.value


def test_a_page_is_what_the_description_beside_the_code_says(receiver: WebReceiver) -> None:
    webhook().send(message(receiver.url, answer_url=LINK))

    (posted,) = receiver.take()
    described = re.findall(r"```json\n(.*?)```", (Path("notifiers") / "webhook.md").read_text(), re.S)[0]
    sent = json.loads(posted.body)
    assert sent["data"] == {
        "alert": 12,
        "summary": "Disk full on db1",
        "service": "web",
        "severity": "critical",
        "triggered_at": "2026-01-05T10:00:00.700000+00:00",
        "url": "https://oncall.example.com/alerts/12",
        "is_shadow": False,
        "changes": ["deploy web #4711 by bob, 4 min before"],
        "answer_url": LINK,
    }
    assert sent.keys() == json.loads(described).keys()
    assert sent["data"].keys() == json.loads(described)["data"].keys()
    assert posted.headers["Content-Type"] == "application/json"


def test_receivers_can_check_it_with_the_library_of_the_standard(receiver: WebReceiver) -> None:
    now = Message("7", receiver.url, HOOK.page(FACTS), system_clock())
    receipt = webhook().send(now)

    (posted,) = receiver.take()
    headers = dict(posted.headers.items())
    assert StandardWebhook(as_secret(KEY)).verify(posted.body, headers) == json.loads(posted.body)
    assert headers["webhook-id"] == receipt.provider_id
    with pytest.raises(WebhookVerificationError):
        StandardWebhook(as_secret(KEY)).verify(posted.body.replace(b"12", b"13"), headers)
    with pytest.raises(WebhookVerificationError):
        StandardWebhook(as_secret(b"x" * 32)).verify(posted.body, headers)


def test_the_signature_is_that_of_the_standard_s_example() -> None:
    key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="must be whsec_ and 24 to 64 random bytes"):
        secret_bytes(secret)


def test_sent_again_it_has_the_same_id(receiver: WebReceiver) -> None:
    notifier = webhook()
    for body in (HOOK.page(FACTS), HOOK.page(FACTS), HOOK.notice("Your shift begins.")):
        notifier.send(message(receiver.url, body))

    ids = [posted.headers["webhook-id"] for posted in receiver.take()]
    assert ids[0] == ids[1] != ids[2]
    assert notifier.find(message(receiver.url), since=BEFORE) is None
    assert notifier.status(ids[0]).state == "delivered"


def test_notices_codes_and_shadows_say_what_they_are(receiver: WebReceiver) -> None:
    shadow = PageFacts(12, "Disk full", "web", "critical", is_shadow=True)
    for body in (HOOK.notice("Your shift begins."), HOOK.code("123456"), HOOK.page(shadow)):
        assert webhook().send(message(receiver.url, body)).delivered

    notice, code, followed = (json.loads(posted.body) for posted in receiver.take())
    assert (notice["type"], notice["data"]) == ("notice", {"text": "Your shift begins."})
    assert (code["type"], code["data"]) == ("verification", {"code": "123456"})
    assert (followed["type"], followed["data"]["is_shadow"], followed["data"]["url"]) == ("page", True, None)
    assert "answer_url" not in followed["data"]


@pytest.mark.parametrize(
    ("status", "is_permanent", "is_bad_address"),
    [
        (410, True, True),
        (400, True, False),
        (401, True, False),
        (404, True, False),
        (302, True, False),
        (408, False, False),
        (425, False, False),
        (429, False, False),
        (500, False, False),
        (503, False, False),
    ],
)
def test_each_answer_is_for_good_or_for_now(
    receiver: WebReceiver, status: int, is_permanent: bool, is_bad_address: bool
) -> None:
    receiver.answer = (status, {"Location": receiver.url})

    failed = failure(receiver.url, webhook())

    assert (failed.permanent, failed.bad_address) == (is_permanent, is_bad_address)
    assert str(status) in failed.reason
    assert len(receiver.take()) == 1, "a redirect is not followed"


@pytest.mark.parametrize(("wait", "seconds"), [("30", 30.0), ("", 0.0), ("soon", 0.0), ("-1", 0.0), ("9" * 40, 0.0)])
def test_a_receiver_may_say_how_long_to_wait(receiver: WebReceiver, wait: str, seconds: float) -> None:
    receiver.answer = (429, {"Retry-After": wait})

    assert failure(receiver.url, webhook()).retry_after == seconds


def test_a_receiver_that_drips_does_not_hold_us(receiver: WebReceiver) -> None:
    receiver.drip, began = 0.05, monotonic()

    failed = failure(receiver.url, webhook(timeout=0.4))

    assert monotonic() - began < 3
    assert (failed.permanent, failed.reason) == (False, "The webhook did not answer in time")


def test_a_receiver_that_is_away_is_tried_again() -> None:
    assert not failure("http://127.0.0.1:9/secret-path", webhook()).permanent


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"])
def test_our_own_machine_is_not_asked_unless_that_is_allowed(receiver: WebReceiver, host: str) -> None:
    failed = failure(f"https://{host}:{receiver.port}/secret-path", webhook(private=False))

    assert "private network" in failed.reason
    assert failed.permanent
    assert receiver.take() == []


def test_nothing_is_sent_in_the_clear_unless_that_is_allowed(receiver: WebReceiver) -> None:
    assert "must begin with https://" in failure(receiver.url, webhook(private=False)).reason
    assert receiver.take() == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" https://hooks.example.com/a?b=c#d ", "https://hooks.example.com/a?b=c"),
        ("HTTPS://hooks.example.com:8443", "https://hooks.example.com:8443"),
        ("http://10.0.0.7:8080/oncall", "http://10.0.0.7:8080/oncall"),
    ],
)
def test_addresses_are_stored_as_they_are_called(typed: str, stored: str) -> None:
    assert HOOK.address(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hooks.example.com",
        "ftp://example.com",
        "https://",
        "https:///path",
        "https://a b.example",
        "https://[::1",
        "https://example.com:99999/",
        "https://exam\nple.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://" + "a" * 64 + ".com",
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a webhook"):
        HOOK.address(typed)
