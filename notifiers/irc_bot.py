"""Our bot: in a thread of its own, connected for as long as it is wanted, whatever becomes of the server."""

import asyncio
import random
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import structlog

from notifiers.base import PermanentFailure, TemporaryFailure
from notifiers.irc_account import IrcAccount
from notifiers.irc_flood import FloodLimit, next_line
from notifiers.irc_line import lowered, same_nick, write_line
from notifiers.irc_login import Refused
from notifiers.irc_session import Said, Session, Whois

log = structlog.get_logger(__name__)
T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds between attempts to connect: doubled each time."""
GOOD_AFTER = 60.0
"""Seconds after which a connection was no failed attempt."""
MOST_WAITING = 20
"""What people say faster than it is answered is dropped beyond so many: pages share the flood limit with answers."""
ANSWER_PIECES = 2
LINES_AN_ANSWER = 10
"""In whose time a person is told one, after the first few: what they say faster is done, and pages need not wait."""
MOST_ANSWERED = 1000
LEAVE_SECONDS = 1.0


class Listener(Protocol):
    def is_for_us(self, said: Said) -> bool:
        """Asked of every line, in the loop: what is not is dropped."""

    def answer(self, said: Said, identity: str) -> str:
        """What to say to somebody of this identity ("": nobody that the services know); "" to say nothing.

        Asked in a thread, one line at a time.
        """

    def changed(self) -> None:
        """The bot has come to sit in the channel, or no longer does. Told in the loop."""


class IrcBot:
    """Safe to use from many threads. `listener` is to be set before `connect`."""

    def __init__(self, account: IrcAccount) -> None:
        self.account = account
        self.listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._joining: Session | None = None
        self._said: asyncio.Queue[Said] = asyncio.Queue(MOST_WAITING)
        self._answered: dict[str, float] = {}

    # From any thread

    @property
    def is_connected(self) -> bool:
        """It sits in the channel."""
        return self._session is not None

    def connect(self) -> None:
        """Connect, and again whenever the connection is lost, until `hang_up`."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="oncall-irc", daemon=True)
            self._thread.start()
        self._loop.call_soon_threadsafe(self._begin)

    def hang_up(self) -> None:
        if self._loop is not None:
            self._run(self._end()).result()

    def close(self) -> None:
        """For good: the thread ends."""
        self.hang_up()
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    def deliver(self, nick: str, text: str, *, by_name: bool) -> None:
        """Raises TemporaryFailure or PermanentFailure, within the account's time-out."""
        self._say(lambda session: session.deliver(nick, text, by_name=by_name, problem=self._problem))

    def announce(self, channel: str, text: str) -> None:
        """To all in the channel. Raises as `deliver` does."""
        self._say(lambda session: session.announce(channel, text))

    def _say(self, work: Callable[[Session], Coroutine[Any, Any, str]]) -> None:
        if self._loop is None:
            raise TemporaryFailure("IRC is not connected")
        self._run(self._say_within_time(work)).result()

    def topic(self) -> tuple[str, int] | None:
        """The channel's, and how many bytes it may have. None while we can't set it."""
        session = self._session
        return (session.topic, session.topic_limit) if session is not None and session.may_set_topic else None

    def set_topic(self, text: str) -> None:
        session = self._session
        if session is not None:
            self._run(self._within_time(session.set_topic(text))).result()

    # In the loop

    def _run(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep_connected())

    async def _end(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _keep_connected(self) -> None:
        loop, wait = asyncio.get_running_loop(), FIRST_WAIT
        answering = loop.create_task(self._answer_people())
        try:
            while True:
                began = loop.time()
                await self._connect_once()
                wait = FIRST_WAIT if loop.time() - began > GOOD_AFTER else wait
                await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 so that a crowd does not come at once
                wait = min(LONGEST_WAIT, wait * 2)
        finally:
            answering.cancel()

    async def _connect_once(self) -> None:
        try:
            reader, writer = await self._open()
        except OSError as error:
            log.warning("irc.not_connected", error=str(error))
            return
        try:
            await self._hold(reader, writer)
        except Refused as error:
            log.warning("irc.refused", reason=str(error))
        except OSError as error:  # a TimeoutError among them
            log.warning("irc.lost", error=str(error) or type(error).__name__)
        except Exception:
            log.exception("irc.broken")  # a fault of ours: it must not keep us away for good
        finally:
            await _leave(writer)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        account = self.account
        tls = ssl.create_default_context() if account.tls else None
        async with asyncio.timeout(account.timeout_seconds):
            return await asyncio.open_connection(account.host, account.port, ssl=tls)

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self.account, reader, writer, FloodLimit(self.account.line_seconds), self)
        self._joining = session
        try:
            await session.run()
        finally:
            self._session = None
            self._tell_change()

    def joined(self) -> None:
        self._session = self._joining
        log.info("irc.joined", channel=self.account.channel)
        self._tell_change()

    def _tell_change(self) -> None:
        if self.listener is not None:
            self.listener.changed()

    def heard(self, said: Said) -> None:
        if self.listener is None or not self.listener.is_for_us(said):
            return
        if self._said.full():
            log.warning("irc.too_much_said")
        else:
            self._said.put_nowait(said)

    async def _answer_people(self) -> None:
        while True:
            said = await self._said.get()
            try:
                await self._answer(said)
            except OSError as error:
                log.warning("irc.not_answered", error=type(error).__name__)
            except Exception:
                log.exception("irc.answer_failed")  # one bad line must not make us deaf

    async def _answer(self, said: Said) -> None:
        assert self.listener is not None
        text = await asyncio.to_thread(self.listener.answer, said, await self._identity(said))
        session = self._session
        if text and session is not None and self._may_be_told(said):
            target = self.account.channel if said.in_channel else said.nick
            session.say_later(target, f"{said.nick}: {text}" if said.in_channel else text, ANSWER_PIECES)

    def _may_be_told(self, said: Said) -> bool:
        if len(self._answered) >= MOST_ANSWERED:
            self._answered.clear()
        now, whom = asyncio.get_running_loop().time(), said.address
        wait, full_at = next_line(self._answered.get(whom, 0.0), now, LINES_AN_ANSWER * self.account.line_seconds)
        if wait:
            return False
        self._answered[whom] = full_at
        return True

    async def _identity(self, said: Said) -> str:
        session = self._session
        if not self.account.identified_only:
            return lowered(said.nick)
        if session is None or "account-tag" in session.login.capabilities:
            return lowered(said.account)
        async with asyncio.timeout(self.account.timeout_seconds):
            known = await session.whois(said.nick)
        return known.identity if known.address == said.address else ""  # else somebody else has the nick by now

    async def _say_within_time(self, work: Callable[[Session], Coroutine[Any, Any, str]]) -> None:
        session = self._session
        if session is None:
            raise TemporaryFailure("IRC is not connected")
        problem = await self._within_time(work(session))
        if problem:
            raise PermanentFailure(problem, is_absence=True)

    async def _within_time(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(self.account.timeout_seconds):
                return await work
        except TimeoutError:
            raise TemporaryFailure("IRC did not answer in time", maybe_accepted=True) from None
        except OSError:
            raise TemporaryFailure("the connection to IRC was lost", maybe_accepted=True) from None

    def _problem(self, known: Whois) -> str:
        """Why a person would not read what is said to their nick now, or somebody else would."""
        if not known.is_there:
            return "not on IRC"
        if known.away:
            return "away on IRC"
        if self.account.identified_only and not same_nick(known.identity, known.nick):
            return "not identified to the IRC network's services"
        return ""


async def _leave(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.write(write_line("QUIT", "oncall"))
        writer.close()
        async with asyncio.timeout(LEAVE_SECONDS):
            await writer.wait_closed()
