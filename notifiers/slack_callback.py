"""What Slack sends us, read and checked. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack

The same payloads come by HTTP and by Socket Mode.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from notifiers.slack_words import BUTTONS

LATE = 5 * 60
"""Seconds; an older request is somebody's copy."""


@dataclass(frozen=True)
class Press:
    """A button of ours that a member pressed."""

    member: str
    action: str
    alert: str
    press_id: str
    """Slack's own, the same when it is sent again."""
    response_url: str
    """Where a sentence for that member alone can be posted."""


@dataclass(frozen=True)
class Command:
    """What a member typed after `/oncall`."""

    member: str
    text: str
    command_id: str


def is_genuine(signing_secret: str, timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether the headers X-Slack-Request-Timestamp and X-Slack-Signature fit the raw body, and are not old."""
    if not signing_secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > LATE:
        return False
    return hmac.compare_digest(signature_of(signing_secret, timestamp, body).encode(), signature.encode())


def signature_of(signing_secret: str, timestamp: str, body: bytes) -> str:
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(signing_secret.encode(), signed, sha256).hexdigest()


def read_press(payload: Any) -> Press | None:
    """None: something else that Slack tells of, which asks for nothing. Raises ValueError with a sentence."""
    if not isinstance(payload, dict):
        raise ValueError("The payload is no JSON object.")
    if payload.get("type") != "block_actions":
        return None
    try:
        action = next((each for each in payload["actions"] if each["action_id"] in BUTTONS), None)
        if action is None:
            return None
        return Press(
            member=_text(payload["user"]["id"]),
            action=_text(action["action_id"]),
            alert=_text(action["value"]),
            press_id=_text(payload["trigger_id"]),
            response_url=_text(payload.get("response_url", "")),
        )
    except (KeyError, TypeError):
        raise ValueError("The payload is no press of a button: user, actions or trigger_id is missing.") from None


def read_command(form: Mapping[str, Any]) -> Command:
    """Raises ValueError with a sentence."""
    try:
        return Command(_text(form["user_id"]), _text(form.get("text", "")), _text(form["trigger_id"]))
    except (KeyError, TypeError):
        raise ValueError("The form is no slash command: user_id or trigger_id is missing.") from None


def _text(value: Any) -> str:
    """Without what no database can keep."""
    if not isinstance(value, str):
        raise TypeError
    return value.encode(errors="replace").decode().replace("\0", "")[:1600]
