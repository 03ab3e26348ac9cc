"""Webhooks: a signed JSON message to an address of the person's own. What it holds is described in webhook.md."""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from notifiers.base import Message, PermanentFailure, Receipt, SendFailure, StatusReport, TemporaryFailure
from notifiers.http_answers import is_passing
from notifiers.kind import Accounts, BundleFacts, Kind, PageFacts
from notifiers.public_http import FAILURES, PrivateAddress, anywhere, guarded_session, is_public
from notifiers.secret_address import masked
from notifiers.webhook_signature import WebhookAccount, signature

NO_ADDRESS = "is not the address of a webhook: write one like https://hooks.example.com/oncall"
GONE = 410
USER_AGENT = "oncall-webhook"


class Webhook:
    """One connection for each message, so that where an address leads is looked at each time."""

    name = "webhook"

    def __init__(self, account: WebhookAccount) -> None:
        self._account = account

    def send(self, message: Message) -> Receipt:
        if not (message.to.startswith("https://") or self._account.may_be_private):
            raise PermanentFailure("The webhook's address must begin with https://")
        answer = self._post(message, _body(message))
        if 200 <= answer.status_code < 300:
            return Receipt(message.fingerprint, delivered=True)
        raise _refused(answer)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None: receivers can't be asked. It is sent again under the same webhook-id."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        return StatusReport(provider_id, "delivered")

    def _post(self, message: Message, body: bytes) -> requests.Response:
        """The answer without its body, which is not read. Raises SendFailure."""
        account = self._account
        may_connect = anywhere if account.may_be_private else is_public
        try:
            with guarded_session(may_connect, account.timeout_seconds) as session:
                options: dict[str, Any] = {"timeout": account.timeout_seconds, "allow_redirects": False, "stream": True}
                with session.post(message.to, data=body, headers=self._headers(message, body), **options) as answer:
                    return answer
        except PrivateAddress:
            raise PermanentFailure("The webhook's address leads into a private network, which is refused") from None
        except requests.Timeout:
            raise TemporaryFailure("The webhook did not answer in time", maybe_accepted=True) from None
        except requests.exceptions.SSLError:
            raise TemporaryFailure("The webhook's server has no valid certificate") from None
        except FAILURES:
            raise TemporaryFailure("The webhook's server can't be reached, or hung up", maybe_accepted=True) from None

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        timestamp = int(message.at.timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": message.fingerprint,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._account.key, message.fingerprint, timestamp, body),
        }


def _body(message: Message) -> bytes:
    """The secret link is added on the way out: the message's words are stored."""
    said = json.loads(message.body)
    link = {"answer_url": message.answer_url} if message.answer_url else {}
    payload = {"type": said["type"], "timestamp": message.at.isoformat(), "data": said["data"] | link}
    return json.dumps(payload, ensure_ascii=False).encode()


def _refused(answer: requests.Response) -> SendFailure:
    status = answer.status_code
    if is_passing(status):
        wait = answer.headers.get("Retry-After", "")
        seconds = float(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 9 else 0.0
        return TemporaryFailure(f"The webhook's server answered {status}", retry_after=seconds)
    if 300 <= status < 400:
        return PermanentFailure(f"The webhook's server answered with a redirect ({status}), which is not followed")
    why = "it is gone, as its server says" if status == GONE else "its server refused the message"
    return PermanentFailure(f"The webhook can't be used: {why} ({status})", bad_address=status == GONE)


def webhook_address(text: str) -> str:
    """Raises ValueError with the end of a sentence about the address."""
    try:
        parts = urlsplit(text.strip())
        is_address = parts.scheme.lower() in ("https", "http") and bool(parts.hostname) and parts.port != 0
        parts.hostname and parts.hostname.encode("idna")
    except (ValueError, UnicodeError):
        is_address = False
    if not is_address or not text.strip().isprintable() or " " in text.strip():
        raise ValueError(NO_ADDRESS)
    return parts._replace(scheme=parts.scheme.lower(), fragment="").geturl()


def page_json(facts: PageFacts) -> str:
    return _json("page", _data(facts))


def bundle_json(facts: BundleFacts) -> str:
    """The gravest as a page, so that who knows of no bundles misses nothing but the others."""
    first, *others = map(_data, facts.pages)
    return _json("page", first | {"count": facts.count, "others": others})


def _data(facts: PageFacts) -> dict[str, Any]:
    return {
        "alert": facts.number,
        "summary": facts.summary,
        "service": facts.service,
        "severity": facts.severity,
        "triggered_at": facts.since.astimezone(UTC).isoformat() if facts.since else None,
        "url": facts.link or None,
        "is_shadow": facts.is_shadow,
        "changes": [str(change) for change in facts.changes],
    }


def _json(kind: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "data": data}, ensure_ascii=False)


def _make(accounts: Accounts) -> Webhook | None:
    return Webhook(accounts.webhook) if accounts.webhook else None


KIND = Kind(
    name="webhook",
    label="webhook",
    example="https://hooks.example.com/oncall",
    address=webhook_address,
    page=page_json,
    bundle=bundle_json,
    notice=lambda text: _json("notice", {"text": text}),
    code=lambda code: _json("verification", {"code": code}),
    make=_make,
    not_set_up="Webhooks are not set up: there is no key to sign them with",
    shown=masked,
)
