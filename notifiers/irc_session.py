"""One connection to the server, from its first line until it breaks. Everything here runs in one event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from notifiers.gsm7 import tidy
from notifiers.irc_account import IrcAccount
from notifiers.irc_flood import FloodLimit
from notifiers.irc_line import LONGEST_TEXT, Line, cut, lowered, pieces, read_line, same_nick, write_line
from notifiers.irc_login import Login, Refused

log = structlog.get_logger(__name__)

LOGIN_SECONDS = 30.0
SERVICES_SECONDS = 4.0
"""How long NickServ may take before we try the channel all the same."""
IDLE_SECONDS = 30.0
"""Of silence until we ask whether the server is still there, and again until we believe that it is not."""
RECLAIM_SECONDS = 60.0
"""How often we ask for our own nick back while another is in its place."""
MOST_PIECES = 3
"""Lines of one message."""
MOST_LATER = 50
"""Messages that wait behind pages; more are not said."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote, to the channel or to us alone. `account` is what the line says of theirs at the services."""

    nick: str
    text: str
    in_channel: bool
    account: str = ""
    address: str = ""
    """`user@host`: it stays theirs when the nick is somebody else's."""


@dataclass(slots=True)
class Whois:
    """What the server knows of a nick."""

    nick: str
    is_there: bool = False
    address: str = ""
    away: str = ""
    account: str = ""
    is_known_nick: bool = False
    """The services say that whoever has it is its owner."""

    def hear(self, line: Line) -> None:
        match line.command:
            case "311":
                self.is_there, self.address = True, "@".join(line.params[2:4])
            case "301":
                self.away = line.last or "away"
            case "330" if len(line.params) > 2:
                self.account = line.params[2]
            case "307":
                self.is_known_nick = True

    @property
    def identity(self) -> str:
        """Whose account it is, in lower case; "" while the services do not know."""
        return lowered(self.account or (self.nick if self.is_known_nick else ""))


class Listening(Protocol):
    def joined(self) -> None: ...

    def heard(self, said: Said) -> None: ...


class Session:
    def __init__(
        self,
        account: IrcAccount,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        flood: FloodLimit,
        listening: Listening,
    ) -> None:
        self._account, self._reader, self._writer = account, reader, writer
        self._flood, self._listening = flood, listening
        self.login = Login(account, self._send)
        self.topic = ""
        self.topic_limit = 300
        self.may_set_topic = True
        self._turn = asyncio.Lock()
        self._whois: Whois | None = None
        self._refused = ""
        self._told_to = ""
        self._answered: asyncio.Future[None] | None = None
        self._token = 0
        self._reclaim_at = 0.0
        self._is_asking = False
        self._later: asyncio.Queue[tuple[str, str, int]] = asyncio.Queue(MOST_LATER)

    # Listening

    async def run(self) -> None:
        """Returns never: raises Refused, or OSError when the connection is lost."""
        async with asyncio.timeout(LOGIN_SECONDS):
            await self._log_in()
        self._reclaim_at = asyncio.get_running_loop().time() + RECLAIM_SECONDS
        self._listening.joined()
        talking = asyncio.get_running_loop().create_task(self._talk())
        try:
            while True:
                self._hear(await self._next_line(IDLE_SECONDS))
                self._reclaim()
        finally:
            talking.cancel()
            if self._answered is not None and not self._answered.done():
                self._answered.set_exception(ConnectionError("lost while it was asked"))

    async def _log_in(self) -> None:
        self.login.begin()
        while not self.login.is_joined:
            wait = SERVICES_SECONDS if self.login.is_waiting_for_nickserv else LOGIN_SECONDS
            line = await self._next_line(wait)
            if line is None:
                self.login.join()
                continue
            self.login.hear(line)
            self._hear(line)

    async def _next_line(self, wait: float) -> Line | None:
        """None when nothing came for so long."""
        try:
            async with asyncio.timeout(wait):  # wait_for can lose a cancellation that comes with a line
                raw = await self._reader.readline()
        except TimeoutError:
            return None
        except ValueError as error:
            raise ConnectionError("a line without end") from error
        if not raw.endswith(b"\n"):
            raise ConnectionError("the server closed the connection")
        return read_line(raw) or Line("")

    def _hear(self, line: Line | None) -> None:
        if line is None:
            self._ask_whether_it_lives()
            return
        self._is_asking = False
        match line.command:
            case "PING":
                self._send("PONG", line.last)
            case "PONG" | "318":
                self._hear_answer(line)
            case "PRIVMSG" if len(line.params) == 2:
                self._hear_somebody(line)
            case "ERROR":
                raise ConnectionError(line.last)
            case "KICK" if self._is_about(line, self.login.nick) and self._is_of_channel(line):
                raise Refused(f"kicked out: {line.last}")
            case "PART" if same_nick(line.nick, self.login.nick) and self._is_of_channel(line):
                raise Refused("taken out of the channel")  # by the network: we never leave it
            case "NICK" if same_nick(line.nick, self.login.nick):
                self.login.nick = line.last
            case _:
                self._hear_fact(line)

    def _hear_fact(self, line: Line) -> None:
        match line.command:
            case "332" | "TOPIC":
                self.topic = line.last
            case "331":
                self.topic = ""
            case "482":
                self.may_set_topic = False
                log.warning("irc.topic_refused", reason=line.last)
            case "005":
                limits = [word.removeprefix("TOPICLEN=") for word in line.params if word.startswith("TOPICLEN=")]
                self.topic_limit = int(limits[0]) if limits and limits[0].isdecimal() else self.topic_limit
            case _ if self._whois is not None and self._is_about(line, self._whois.nick):
                self._whois.hear(line)
            case _ if self._told_to and line.command[:1] in "457" and self._is_about(line, self._told_to):
                self._refused = line.last

    def _is_of_channel(self, line: Line) -> bool:
        return bool(line.params) and same_nick(line.params[0], self._account.channel)

    @staticmethod
    def _is_about(line: Line, nick: str) -> bool:
        return len(line.params) > 1 and same_nick(line.params[1], nick)

    def _hear_answer(self, line: Line) -> None:
        expected = self._whois.nick if self._whois else str(self._token)
        about = line.params[1] if line.command == "318" and len(line.params) > 1 else line.last
        if self._answered is not None and not self._answered.done() and same_nick(about, expected):
            self._answered.set_result(None)

    def _hear_somebody(self, line: Line) -> None:
        target, text = line.params
        in_channel = same_nick(target, self._account.channel)
        if line.nick and not text.startswith("\1") and (in_channel or same_nick(target, self.login.nick)):
            account = line.tags.get("account", "")
            self._listening.heard(Said(line.nick, tidy(text), in_channel, account, line.source.partition("!")[2]))

    def _ask_whether_it_lives(self) -> None:
        if self._is_asking:
            raise ConnectionError("the server is silent")
        self._is_asking = True
        self._send("PING", "alive")

    def _reclaim(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._reclaim_at:
            self._reclaim_at = now + RECLAIM_SECONDS
            if not same_nick(self.login.nick, self._account.nick):
                self._send("NICK", self._account.nick)

    # Speaking

    def _send(self, command: str, *params: str) -> None:
        self._writer.write(write_line(command, *params))

    async def _write(self, command: str, *params: str) -> None:
        await self._flood.take()
        self._send(command, *params)
        await self._writer.drain()

    async def _say(self, target: str, text: str) -> None:
        for piece in pieces(tidy(text), LONGEST_TEXT, MOST_PIECES):
            await self._write("PRIVMSG", target, piece)

    def say_later(self, target: str, text: str, most: int = MOST_PIECES) -> None:
        """Behind the pages that wait now, and between those that come: each of its lines has a turn of its own."""
        if self._later.full():
            log.warning("irc.too_much_to_say")
        else:
            self._later.put_nowait((target, text, most))

    async def _talk(self) -> None:
        while True:
            target, text, most = await self._later.get()
            for piece in pieces(tidy(text), LONGEST_TEXT, most):
                async with self._turn:
                    with suppress(OSError):  # whoever listens finds that the connection is lost
                        await self._write("PRIVMSG", target, piece)

    async def deliver(self, nick: str, text: str, *, by_name: bool, problem: Callable[[Whois], str]) -> str:
        """Say it to the nick; `by_name` also in the channel, a little later. Gives why it can't have been read, or "".

        Nothing is said in private to somebody who has a `problem`. The server answers us after the last line, so that
        it is known to have read them.
        """
        async with self._turn:
            known = await self._ask_whois(nick)
            unread = problem(known) or await self._tell(nick, text)
        if by_name:
            self.say_later(self._account.channel, f"{nick}: {text}")
        return unread

    async def announce(self, channel: str, text: str) -> str:
        """Say it to all in the channel. Gives why it can't have been read, or ""."""
        if not same_nick(channel, self._account.channel):
            return f"the bot is in {self._account.channel} only"
        async with self._turn:
            return await self._tell(channel, text)

    async def whois(self, nick: str) -> Whois:
        async with self._turn:
            return await self._ask_whois(nick)

    async def set_topic(self, text: str) -> None:
        await self._write("TOPIC", self._account.channel, cut(tidy(text), self.topic_limit))

    async def _ask_whois(self, nick: str) -> Whois:
        self._whois = found = Whois(nick)
        try:
            await self._ask("WHOIS", nick)
        finally:
            self._whois = None
        return found

    async def _tell(self, nick: str, text: str) -> str:
        self._told_to, self._refused = nick, ""
        try:
            await self._say(nick, text)
            self._token += 1
            await self._ask("PING", str(self._token))
            return self._refused
        finally:
            self._told_to = ""

    async def _ask(self, command: str, about: str) -> None:
        await self._flood.take()
        self._answered = asyncio.get_running_loop().create_future()
        self._send(command, about)
        await self._answered
