"""Twilio in a process of its own, spoken to as another process can."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from oncall.settings import Settings
from tests.fake_twilio import NUMBER, SID, TOKEN, post_over_http
from tests.processes import ask

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Text:
    """A text about an alert; `at` in monotonic seconds, which all processes of a machine share."""

    alert: int
    to: str
    at: float


class Provider:
    def __init__(self, base_url: str, account_sid: str) -> None:
        self.base_url, self.account_sid = base_url, account_sid
        self._port = urlsplit(base_url).port or 0

    def control(self, name: str, *arguments: object) -> None:
        """What goes wrong from now on: the method of FakeTwilio of that name."""
        assert ask(self._port, "POST", f"/_control/{name}", list(arguments)).status == 200

    def messages(self) -> list[dict[str, Any]]:
        """All that was accepted so far, as FakeTwilio.overview has it."""
        found: list[dict[str, Any]] = ask(self._port, "GET", "/_control/messages").json()["messages"]
        return found

    def texts(self) -> list[Text]:
        found = [(re.search(r"Reply (\d+)a", sent["body"]), sent) for sent in self.messages()]
        return [Text(int(match[1]), sent["to"], sent["received_at"]) for match, sent in found if match]

    def reply(self, port: int, number: str, text: str) -> None:
        """Somebody texts to us; the webhook goes to the process on this port."""
        sid = f"SM{uuid4().hex}"
        form = {"MessageSid": sid, "AccountSid": self.account_sid, "From": number, "To": NUMBER, "Body": text}
        url = f"http://127.0.0.1:{port}/callbacks/twilio/sms"
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        status, answer = post_over_http(url, form, {"X-Twilio-Signature": signature})
        assert status == 200, answer

    def settings(self, settings: Settings, port: int, **others: object) -> Settings:
        """Of a process that sends through this provider, with little patience so that a test need have none."""
        ours = {
            "port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "twilio_account_sid": self.account_sid,
            "twilio_auth_token": SecretStr(TOKEN),
            "twilio_from": NUMBER,
            "twilio_base_url": self.base_url,
            "send_timeout": 0.7,
            "send_lease": 3.0,
            "send_threads": 8,
            "hold_seconds": 0,  # a text for each alert: they are counted
            "log_level": "CRITICAL",
        }
        return settings.model_copy(update={**ours, **others})

    def as_fallback(self) -> SecretStr:
        """The setting by which it comes after another."""
        account = {"name": "second", "account_sid": self.account_sid, "auth_token": TOKEN, "from": NUMBER}
        return SecretStr(json.dumps([account | {"base_url": self.base_url}]))


@contextmanager
def provider(*options: str, account_sid: str = SID) -> Iterator[Provider]:
    named = ["--auth-token", TOKEN, "--account-sid", account_sid]
    command = [sys.executable, "-m", "tests.fake_twilio", *named, *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Provider(process.stdout.readline().strip(), account_sid)
        finally:
            process.terminate()
