"""What a cookie carries from one page to the next: JSON, packed, since browsers drop one of more than 4096 bytes.

Where we are reached by https, cookies go by nothing else.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

from starlette.types import Message, Send

SECURE = b"; Secure"
LONGEST = 3900
MOST_UNPACKED = 200_000
"""Bytes. A form has 64,000 at most; JSON writes a character with up to three times as many."""


def by_https_alone(send: Send) -> Send:
    """Marks every cookie of the answer."""

    async def marking(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(name, text + SECURE if name == b"set-cookie" else text) for name, text in message["headers"]]
            message = {**message, "headers": headers}
        await send(message)

    return marking


def packed(content: object) -> str:
    """Empty for what is too long even so."""
    text = urlsafe_b64encode(zlib.compress(json.dumps(content).encode(), level=9)).rstrip(b"=").decode()
    return text if len(text) <= LONGEST else ""


def unpacked(text: str) -> Any:
    """None for what is not ours."""
    try:
        bits = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(bits, MOST_UNPACKED)
        return json.loads(content) if unpacking.eof else None
    except (ValueError, NotBase64, zlib.error, RecursionError):
        return None
