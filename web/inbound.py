"""What every address for events does first: the body is read whole, and unpacked."""

import zlib
from codecs import BOM_UTF8

from fastapi import Request

from oncall.errors import TooLarge, UnreadableCoding
from oncall.ingest.reading import BadEvent
from oncall.running.runtime import Runtime
from web.arrival import arrival_of

GZIP = b"\x1f\x8b"
"""How no body begins that isn't packed with it, whatever its Content-Encoding says."""
GZIP_WINDOW = 31
UNREADABLE = frozenset({"br", "compress", "deflate", "zstd"})
"""Not every other word: some senders write the character set there."""


GATHERED = 4
"""How many times as long as others' messages those of a tool may be that gathers alerts."""


async def read_body(request: Request) -> bytes:
    """The whole body. Raises TooLarge as soon as it is clear that it is, UnreadableCoding, BadEvent."""
    return await _read(request, _limit(request))


async def read_gathered(request: Request) -> bytes:
    """That of a tool that gathers alerts."""
    return await _read(request, GATHERED * _limit(request))


def _limit(request: Request) -> int:
    runtime: Runtime = request.app.state.runtime
    return runtime.settings.ingest_max_bytes


async def _read(request: Request, limit: int) -> bytes:
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding in UNREADABLE:
        raise UnreadableCoding(
            f"The body is packed with {coding}, which is not read here. Send it plain, or with gzip."
        )
    arrival = arrival_of(request)
    arrival.body = body = await _received(request, limit)
    if body.startswith(GZIP):
        body = _unpacked(body, limit)
    arrival.body = body.removeprefix(BOM_UTF8)  # files written on Windows begin with it
    return arrival.body


async def _received(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _unpacked(body: bytes, limit: int) -> bytes:
    """However much is packed into it, no more than `limit` is unpacked."""
    unpacking = zlib.decompressobj(GZIP_WINDOW)
    try:
        plain = unpacking.decompress(body, limit + 1)
    except zlib.error:
        raise BadEvent(["the body begins as gzip does, and can't be unpacked"]) from None
    if len(plain) > limit:
        raise _too_large(limit)
    if not unpacking.eof:
        raise BadEvent(["the body is packed with gzip, and some of it is missing"])
    return plain


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes. Send less detail, or raise ONCALL_INGEST_MAX_BYTES.")
