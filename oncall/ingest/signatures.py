"""HMACs with the secret that a sender shares with the key: who has it wrote the message, and nobody altered it."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from oncall.ingest.reading import BadSignature

MAY_BE_OFF = timedelta(minutes=5)
"""Between the sender's clock and ours, where the time is signed too: what is older was recorded and sent again."""


def verify_hmac(secret: str, signed: bytes, given: str | None, header: str) -> None:
    """`given` is the SHA-256 HMAC of `signed` in hexadecimal. Raises BadSignature."""
    if not given:
        raise BadSignature(f"The header {header} is missing: this key takes only what is signed with its secret.")
    right = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), given.strip().encode()):
        raise BadSignature(
            f"The header {header} does not fit the body: the secrets here and in the tool must be equal."
        )


def verify_time(seconds: str, at: datetime, header: str) -> None:
    """`seconds` since 1970, of `at` or nearly. Raises BadSignature."""
    if not re.fullmatch("[0-9]{1,12}", seconds) or abs(int(seconds) - at.timestamp()) > MAY_BE_OFF.total_seconds():
        raise BadSignature(f"The time in the header {header} must be within 5 minutes of now.")
