"""From the first line to a seat in the channel: password, capabilities, SASL or NickServ, nick, channel.

Sources: RFC 2812, section 3.1; https://ircv3.net/specs/extensions/capability-negotiation; …/sasl-3.1
"""

import base64
from collections.abc import Callable

from notifiers.irc_account import IrcAccount
from notifiers.irc_line import Line, same_nick

WANTED = frozenset({"account-tag", "sasl"})
NICK_IN_USE = {"433", "436", "437"}
REFUSED = {
    *("432", "464", "465", "466"),  # nick, password, banned
    *("902", "904", "905", "906", "908"),  # SASL
    *("403", "405", "471", "473", "474", "475", "476", "477", "489"),  # the channel
}
MOST_NICKS = 4
"""The nick, and so many less one with underscores: while somebody, or our own lost connection, has it."""


class Refused(Exception):
    """The server does not want us, and said why. Worth another try later, since people mend what is wrong."""


class Login:
    """What to answer to each line until we sit in the channel. `send` writes a line at once."""

    def __init__(self, account: IrcAccount, send: Callable[..., None]) -> None:
        self._account, self._send = account, send
        self.nick = account.nick
        self.capabilities: set[str] = set()
        self.is_registered = self.is_joined = False
        self._offered: set[str] = set()
        self._nicks_tried = 1
        self._is_waiting_for_nickserv = False

    def begin(self) -> None:
        if self._account.server_password:
            self._send("PASS", self._account.server_password)
        self._send("CAP", "LS", "302")
        self._send("NICK", self.nick)
        self._send("USER", "oncall", "0", "*", "on-call rotation and paging")

    def hear(self, line: Line) -> None:
        """Raises Refused."""
        match line.command:
            case "CAP":
                self._negotiate(line)
            case "AUTHENTICATE":
                self._authenticate()
            case "903" | "907":
                self._send("CAP", "END")
            case "001" if line.params:
                self._enter(line)
            case "NOTICE" | "900" if self._is_waiting_for_nickserv:
                self._hear_services(line)
            case "366" if line.params[1:2] and same_nick(line.params[1], self._account.channel):
                self.is_joined = True
            case command if command in NICK_IN_USE and not self.is_registered:
                self._try_another_nick(line)
            case command if command in REFUSED:
                raise Refused(line.last)

    def join(self) -> None:
        self._is_waiting_for_nickserv = False
        self._send("JOIN", self._account.channel)

    @property
    def is_waiting_for_nickserv(self) -> bool:
        """It may never answer: `join` after a while all the same."""
        return self._is_waiting_for_nickserv

    def _negotiate(self, line: Line) -> None:
        subcommand, words = line.params[1:2], line.last.split()
        if subcommand == ("LS",):
            self._offered |= {word.partition("=")[0] for word in words}
            if "*" not in line.params[2:3]:  # else more of the list follows
                self._request()
        elif subcommand == ("ACK",):
            self.capabilities |= set(words)
            self._send(*(("AUTHENTICATE", "PLAIN") if "sasl" in self.capabilities else ("CAP", "END")))
        elif subcommand == ("NAK",):
            self._send("CAP", "END")

    def _request(self) -> None:
        useless = set() if self._account.password else {"sasl"}
        wanted = sorted((WANTED & self._offered) - useless)
        self._send(*(("CAP", "REQ", " ".join(wanted)) if wanted else ("CAP", "END")))

    def _authenticate(self) -> None:
        """Base64 in lines of 400; one that is full is followed by another, if need be an empty one."""
        secret = f"{self._account.nick}\0{self._account.nick}\0{self._account.password}"
        text = base64.b64encode(secret.encode()).decode()
        for at in range(0, len(text) + 1, 400):
            self._send("AUTHENTICATE", text[at : at + 400] or "+")

    def _enter(self, line: Line) -> None:
        self.is_registered, self.nick = True, line.params[0]
        if self._account.password and "sasl" not in self.capabilities:
            self._is_waiting_for_nickserv = True
            self._send("PRIVMSG", "NickServ", f"IDENTIFY {self._account.nick} {self._account.password}")
        else:
            self.join()

    def _hear_services(self, line: Line) -> None:
        """Once they have let us in we may enter channels that are for known nicks."""
        if line.command == "900" or same_nick(line.nick, "NickServ"):
            self.join()

    def _try_another_nick(self, line: Line) -> None:
        if self._nicks_tried == MOST_NICKS:
            raise Refused(line.last)
        self.nick = self._account.nick + "_" * self._nicks_tried
        self._nicks_tried += 1
        self._send("NICK", self.nick)
