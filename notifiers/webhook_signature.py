"""Signatures of Standard Webhooks. Source: https://www.standardwebhooks.com"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


@dataclass(frozen=True)
class WebhookAccount:
    key: bytes = field(repr=False)
    """Signs every message."""
    may_be_private: bool = False
    """Whether addresses of a private network, and http, may be used."""
    timeout_seconds: float = 10.0


def secret_bytes(secret: str) -> bytes:
    """What follows `whsec_`. Raises ValueError with what to write."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except binascii.Error:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"must be whsec_ and {SHORTEST} to {LONGEST} random bytes in base64")
    return key


def as_secret(key: bytes) -> str:
    return PREFIX + base64.b64encode(key).decode()


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header webhook-signature."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
