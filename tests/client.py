"""A client of an application in this process: Starlette's, which crosses to the thread of the loop once a request.

Starlette's own crosses eight times, so that it can give an answer bit by bit: that took a tenth of the suite.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, Self

import httpx2
from anyio.from_thread import start_blocking_portal
from fastapi import testclient


class TestClient(testclient.TestClient):
    """Entered, the application's lifespan is around its requests; else each has a loop of its own."""

    __test__ = False

    def __init__(self, app: Any, *, raise_server_exceptions: bool = True, **options: Any) -> None:
        super().__init__(app, backend_options=AS_SERVED, **options)
        self._transport = _OneCrossing(httpx2.ASGITransport(self.app, raise_server_exceptions, client=ADDRESS))

    def __enter__(self) -> Self:
        entered = super().__enter__()
        assert self.portal is not None
        self._transport.loop = self.portal.call(asyncio.get_running_loop)
        self.exit_stack.callback(setattr, self._transport, "loop", None)
        return entered


ADDRESS = ("testclient", 50000)
AS_SERVED = {"use_uvloop": True}
"""The loop that `oncall serve` has: its transports are not asyncio's."""


class _OneCrossing(httpx2.BaseTransport):
    """Answers are read to their end: for what never ends a real server is needed."""

    def __init__(self, application: httpx2.ASGITransport) -> None:
        self._application = application
        self.loop: asyncio.AbstractEventLoop | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.loop is None:
            with start_blocking_portal(backend_options=AS_SERVED) as portal:
                return portal.call(self._answer, request)
        return asyncio.run_coroutine_threadsafe(self._answer(request), self.loop).result()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if not isinstance(request.stream, httpx2.AsyncByteStream):
            request.stream = _Parts(request.stream)
        response = await self._application.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        body = httpx2.ByteStream(b"".join([part async for part in response.stream]))
        return httpx2.Response(response.status_code, headers=response.headers, stream=body, request=request)


class _Parts(httpx2.AsyncByteStream):
    """A body that comes bit by bit."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part
