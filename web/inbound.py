"""What every address for events does first: the body is read whole."""

from codecs import BOM_UTF8

from fastapi import Request

from oncall.errors import TooLarge
from oncall.runtime import Runtime
from web.arrival import arrival_of


async def read_body(request: Request) -> bytes:
    """The whole body. Raises TooLarge as soon as it is clear that it is."""
    runtime: Runtime = request.app.state.runtime
    limit = runtime.settings.ingest_max_bytes
    too_large = TooLarge(f"The body is larger than {limit} bytes. Send less detail, or raise ONCALL_INGEST_MAX_BYTES.")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    arrival = arrival_of(request)
    arrival.body = b"".join(parts).removeprefix(BOM_UTF8)  # files written on Windows begin with it
    return arrival.body
