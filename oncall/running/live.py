"""Telling pages at once that alerts have changed, by whichever process. Works only while somebody listens.

Asynchronous, since many wait and few do anything; no session is held while waiting. What has changed is not told: a
page asks for its live part again, as it does every few seconds where it is told nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from oncall.alerts.news import Newsreader
from oncall.auth.sessions import still_in
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.errors import TooManyRequests, Unavailable
from oncall.process.wake import Wake

log = structlog.get_logger(__name__)

MOST_OF_ONE = 10
"""Listeners of one person: pages that nobody looks at don't listen."""
LOOKS_EVERY = 1.0
"""Seconds, where nothing wakes us: a commit of another process may do so late, or not at all."""
LOOKS_APART = 0.2
"""Seconds at least between two looks, however often we are woken."""
RESTS = 2.0
"""Seconds at least between two things told to one listener, who asks for a page each time."""


class Listener:
    """One page that somebody has open."""

    def __init__(self, user_id: int, login: str, seen: str, rests: float) -> None:
        self.user_id, self.login, self._rests = user_id, login, rests
        self._seen, self._id = seen, ""
        self._told, self._ended = asyncio.Event(), asyncio.Event()

    def tell(self, news_id: str) -> None:
        self._id = news_id
        self._told.set()

    def end(self) -> None:
        self._ended.set()
        self._told.set()

    async def news(self) -> AsyncIterator[str]:
        """The id of each piece of news, until the login ends or the process does."""
        while True:
            await self._told.wait()
            if self._ended.is_set():
                return
            self._told.clear()
            if self._id != self._seen:
                self._seen = self._id
                yield self._id
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ended.wait(), self._rests)


class Live:
    """One per process, used from its event loop alone."""

    def __init__(self, database: Database, clock: Clock, wake: Wake, rests: float = RESTS) -> None:
        self._database, self._clock, self._rests = database, clock, rests
        self._listeners: set[Listener] = set()
        self._watching: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopping = False
        wake.follow(self._wake)

    @contextmanager
    def listening(self, user_id: int, login: str, seen: str = "") -> Iterator[Listener]:
        """`login`: the hash of its token. `seen`: the id of what was told last; anything else is news at once."""
        if self._is_stopping:
            raise Unavailable("The service is stopping.")
        if sum(each.user_id == user_id for each in self._listeners) >= MOST_OF_ONE:
            raise TooManyRequests(
                f"{MOST_OF_ONE} of your pages are told of changes already, which is the most.", retry_after=60
            )
        listener = Listener(user_id, login, seen, self._rests)
        self._listeners.add(listener)
        self._watch()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def stop(self) -> None:
        """End all, so that nobody need wait for them when the process stops. From any thread."""
        self._is_stopping = True
        self._soon(lambda: self._end(self._listeners))

    def _wake(self) -> None:
        """Called from any thread."""
        if self._listeners:
            self._soon(self._woken.set)

    def _soon(self, do: Callable[[], None]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just been closed: the process is stopping
                self._loop.call_soon_threadsafe(do)

    def _watch(self) -> None:
        """In one task, which the first who listens begins. It looks soon, for whoever has just come."""
        self._woken.set()
        if self._watching is None or self._watching.done():
            self._loop = asyncio.get_running_loop()
            self._watching = self._loop.create_task(self._look_again_and_again())

    async def _look_again_and_again(self) -> None:
        reader = Newsreader()
        try:
            while self._listeners:
                self._woken.clear()
                await self._look_and_tell(reader)
                await asyncio.sleep(LOOKS_APART)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), LOOKS_EVERY - LOOKS_APART)
        except SQLAlchemyError as error:
            log.warning("live.not_looked", error=type(error).__name__)
        finally:
            # whoever is left comes back when the database does, and until then asks as if nobody told anything
            self._end(self._listeners)

    async def _look_and_tell(self, reader: Newsreader) -> None:
        listeners = set(self._listeners)
        logins = await asyncio.to_thread(self._look, reader, {each.login for each in listeners})
        self._end({each for each in listeners if each.login not in logins})
        for listener in listeners:
            listener.tell(reader.id)

    def _look(self, reader: Newsreader, logins: set[str]) -> set[str]:
        """Those of the logins that have not ended."""
        now = self._clock()
        with self._database.read() as session:
            reader.look(session, now)
            return still_in(session, logins, now)

    def _end(self, listeners: set[Listener]) -> None:
        for listener in listeners:
            listener.end()
