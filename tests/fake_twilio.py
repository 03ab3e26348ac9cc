"""A real HTTP server that speaks the used part of Twilio's API (`twilio_http`), and plays the phones behind it.

In a test: `with FakeTwilio() as twilio: …`. On its own: `python -m tests.fake_twilio --port 9000 --auth-token T`; then
`GET /_control/messages` tells another process what has arrived, and `POST /_control/NAME` with a JSON list calls one of
CONTROLS.
"""

import argparse
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urljoin
from uuid import uuid4
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

from tests.twilio_http import Refused, TwilioHttp
from tests.twilio_resources import Fields, Form, Sent, page_of

SID = "AC" + "0" * 32
TOKEN = "test-auth-token"
NUMBER = "+12025550100"
CONTROLS = {"fail_next", "work_again", "hang", "let_go", "drop_reply_next", "reset_next", "jumble"}
FINAL = {"delivered", "undelivered", "failed", "completed", "busy", "no-answer", "canceled"}

Post = Callable[[str, Form, dict[str, str]], tuple[int, str]]
"""Posts a form to a URL with headers: status and body of the answer. A test may put its own in-process client here."""


def post_over_http(url: str, form: Form, headers: dict[str, str]) -> tuple[int, str]:
    with requests.Session() as session:
        answer = session.post(url, data=form, headers=headers, timeout=15)
        return answer.status_code, answer.text


class FakeTwilio:
    """`account` and `number` are shown as they are; `messages` and `calls` are all that were accepted, oldest first.

    Use as a context manager, or `close` it.
    """

    def __init__(
        self,
        account_sid: str = SID,
        auth_token: str = TOKEN,
        *,
        port: int = 0,
        prefix: str = "",
        auto_status: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        post: Post = post_over_http,
    ) -> None:
        self.account_sid, self.auth_token, self.prefix = account_sid, auth_token, prefix
        self.auto_status, self.now, self.post = auto_status, now, post
        self.account: dict[str, Any] = {"sid": account_sid, "friendly_name": "Ours", "status": "active", "type": "Full"}
        self.number: dict[str, Any] = {
            "phone_number": NUMBER,
            "capabilities": {"sms": True, "voice": True},
            "sms_url": "",
        }
        self.messages: list[Sent] = []
        self.calls: list[Sent] = []
        self.received: list[Sent] = []
        self.connections = 0
        self._taken = {"messages": 0, "calls": 0}
        self._faults: list[tuple[int, int]] = []
        self._bad_numbers: dict[str, int] = {}
        self._hang = 0.0
        self._hanging = ("Messages", "Calls")
        self._is_away = False
        self._lost_replies = 0
        self._resets = 0
        self._is_jumbled = False
        self._early = ""
        self._lock = threading.Lock()
        self._let_go = threading.Event()
        self._phones = ThreadPoolExecutor(4, "phone")
        self._http = TwilioHttp(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="fake-twilio", daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}{self.prefix}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.let_go()
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()
        self._phones.shutdown()

    # What goes wrong

    def fail_next(self, times: int = 1, status: int = 503, code: int = 0) -> None:
        """The next sends are refused."""
        self._faults += [(status, code)] * times

    @property
    def has_faults_left(self) -> bool:
        return bool(self._faults)

    def go_away(self) -> None:
        """Every request is refused, questions too."""
        self._is_away = True

    def work_again(self) -> None:
        with self._lock:
            self._faults.clear()
            self._is_away = False

    def fail_for(self, number: str, code: int = 21211) -> None:
        """Every send to this number is refused with 400 and this code."""
        self._bad_numbers[number] = code

    def hang(self, seconds: float, *kinds: str) -> None:
        """From now on sends (of those kinds) wait this long before they are looked at; 0 ends it.

        Who gave up in between still sends.
        """
        self._let_go.clear()
        self._hang, self._hanging = seconds, kinds or self._hanging

    def let_go(self) -> None:
        """What hangs is looked at now, and nothing hangs any more."""
        self._hang = 0.0
        self._let_go.set()

    def drop_reply_next(self, times: int = 1) -> None:
        """The next sends are accepted, and the connection breaks before the answer."""
        self._lost_replies += times

    def reset_next(self, times: int = 1) -> None:
        """The next sends are cut off before they are looked at."""
        self._resets += times

    def jumble(self) -> None:
        """From now on what `auto_status` reports comes last things first, and everything twice."""
        self._is_jumbled = True

    def report_early_next(self, status: str) -> None:
        """The next send's status callback comes before the answer to the send itself."""
        self._early = status

    # What the phones do

    def take_messages(self) -> list[Sent]:
        """The texts that came since the last look. At a test's end: `assert not twilio.take_messages()`."""
        return self._take("messages", self.messages)

    def take_calls(self) -> list[Sent]:
        return self._take("calls", self.calls)

    def _take(self, kind: str, sent: list[Sent]) -> list[Sent]:
        with self._lock:
            new = sent[self._taken[kind] :]
            self._taken[kind] = len(sent)
        return new

    def deliver(self, message: Sent) -> int:
        """The phone has the text."""
        return self.report(message, "delivered")

    def report(self, sent: Sent, status: str, *, forge: bool = False, **extra: str) -> int:
        """Posts a status callback, as often and in whatever order you like; the HTTP status of the answer, 0 if none
        was asked for. `extra` are further fields, such as ErrorCode="30003". A forged one changes nothing here.
        """
        if not forge and sent.status not in FINAL:
            sent.status = status
            sent.error_code = int(extra.get("ErrorCode") or 0) or None
        if not sent.status_url:
            return 0
        return self._post(sent.status_url, sent.callback(self.account_sid, status, extra), forge)[0]

    def answer(self, call: Sent, keys: str = "", answered_by: str = "human") -> list[str]:
        """Somebody (or "machine_start") picks up and presses `keys`, one at each menu. What was said to them."""
        call.answered_by, call.status = answered_by, "in-progress"
        said, keys_left, url = [], list(keys), call.url
        xml = call.twiml or self._call_page(call, url)
        while True:
            spoken, action = _listen(xml, will_press=bool(keys_left))
            said += spoken
            if not action:
                break
            url = urljoin(url, action)
            xml = self._call_page(call, url, Digits=keys_left.pop(0))
        if self.auto_status:
            self.report(call, "completed")
        call.status = "completed"
        return said

    def text(self, from_: str, body: str, to: str, url: str, sid: str = "", *, forge: bool = False) -> str:
        """Somebody texts `body` to our number: posts the webhook; the reply that their phone shows, "" for none."""
        sid = sid or f"SM{uuid4().hex}"
        form = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self.account_sid, "From": from_}
        form |= {"To": to, "Body": body, "NumMedia": "0", "NumSegments": "1", "ApiVersion": "2010-04-01"}
        status, xml = self._post(url, form, forge)
        if status != 200:
            raise AssertionError(f"the SMS webhook answered {status}: {xml}")
        return "\n".join("".join(m.itertext()) for m in ElementTree.fromstring(xml).iter("Message"))

    def receive(self, from_: str, body: str, to: str = NUMBER) -> Sent:
        """Somebody texts our number, and nothing can be posted to us: the text waits in the list."""
        form = {"From": [from_], "Body": [body], "To": [to]}
        text = Sent(f"SM{uuid4().hex}", form, self.now().replace(microsecond=0), status="received")
        self.received.append(text)
        return text

    def _call_page(self, call: Sent, url: str, **extra: str) -> str:
        form = call.callback(self.account_sid, call.status, {"Direction": "outbound-api"} | extra)
        status, xml = self._post(url, form)
        if status != 200:
            raise AssertionError(f"the call's page answered {status}: {xml}")
        return xml

    def _post(self, url: str, form: Form, forge: bool = False) -> tuple[int, str]:
        token = "forged" if forge else self.auth_token
        signature = RequestValidator(token).compute_signature(url, form)
        return self.post(url, form, {"X-Twilio-Signature": signature})

    # What the API does

    def check_up(self) -> None:
        """Raises Refused."""
        if self._is_away:
            raise Refused(503, 0, "Service unavailable")

    def accept(self, kind: str, form: Fields) -> tuple[Sent, bool]:
        """The new text or call, and whether the answer reaches the sender. Raises Refused and ConnectionResetError."""
        if self._hang and kind in self._hanging:
            self._let_go.wait(self._hang)
        with self._lock:
            is_reset, self._resets = self._resets > 0, max(0, self._resets - 1)
        if is_reset:
            raise ConnectionResetError
        sent = Sent(("SM" if kind == "Messages" else "CA") + uuid4().hex, form, self.now().replace(microsecond=0))
        with self._lock:
            self._check(kind, sent)
            (self.messages if kind == "Messages" else self.calls).append(sent)
            is_lost, self._lost_replies = self._lost_replies > 0, max(0, self._lost_replies - 1)
            early, self._early = self._early, ""
        if early:
            self.report(sent, early)
        if self.auto_status:
            self._phones.submit(self._progress, sent)
        return sent, not is_lost

    def _check(self, kind: str, sent: Sent) -> None:
        if self._faults:
            raise Refused(*self._faults.pop(0))
        if not sent.to:
            raise Refused(400, 21604 if kind == "Messages" else 21201, "A 'To' phone number is required.")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", sent.to):
            raise Refused(400, 21211, f"The 'To' number {sent.to} is not a valid phone number.")
        if sent.to in self._bad_numbers:
            raise Refused(400, self._bad_numbers[sent.to], f"{sent.to} was refused")
        if kind == "Messages" and not sent.body:
            raise Refused(400, 21602, "Message body is required.")
        if len(sent.body) > 1600:
            raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        if kind == "Calls" and not (sent.url or sent.twiml):
            raise Refused(400, 21205, "Url parameter is required.")

    def _progress(self, sent: Sent) -> None:
        statuses = ["initiated", "ringing"] if sent.is_call else ["sent", "delivered"]
        for status in [*reversed(statuses), *statuses] if self._is_jumbled else statuses:
            self.report(sent, status)

    def find(self, kind: str, sid: str) -> Sent:
        for sent in [*self.messages, *self.received] if kind == "Messages" else self.calls:
            if sent.sid == sid:
                return sent
        raise Refused(404, 20404, f"The requested resource {sid} was not found")

    def listed(self, kind: str, path: str, query: Fields) -> dict[str, Any]:
        texts = sorted([*self.messages, *self.received], key=lambda sent: sent.created)
        return page_of(kind, texts if kind == "Messages" else self.calls, self.account_sid, path, query)

    def control(self, name: str, arguments: list[Any]) -> None:
        """For other processes: what goes wrong from now on. Raises KeyError for what is none of CONTROLS."""
        getattr(self, {each: each for each in CONTROLS}[name])(*arguments)

    def overview(self) -> dict[str, Any]:
        """For other processes: what was accepted so far."""
        shown = ("sid", "to", "body", "status", "received_at", "form")
        kinds = {"messages": list(self.messages), "calls": list(self.calls)}
        return {kind: [{name: getattr(s, name) for name in shown} for s in sent] for kind, sent in kinds.items()}


def _listen(xml: str, will_press: bool) -> tuple[list[str], str]:
    """What is said up to the menu where a key is pressed, and where that key goes; else all of it, and ""."""
    said: list[str] = []
    for verb in ElementTree.fromstring(xml):
        said += ["".join(say.itertext()) for say in verb.iter("Say")]
        if verb.tag == "Gather" and will_press:
            return said, verb.attrib["action"]
        if verb.tag == "Hangup":
            break
    return said, ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account-sid", default=SID)
    parser.add_argument("--auth-token", default=TOKEN)
    parser.add_argument("--auto-status", action="store_true", help="report each text as delivered")
    options = parser.parse_args()
    with FakeTwilio(**vars(options)) as twilio:
        print(twilio.base_url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
