"""A real IRC server (ngircd) on this machine, people on it, and network services linked to it as a server."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NGIRCD = shutil.which("ngircd") or "/usr/sbin/ngircd"
CHANNEL = "#warroom"
SECONDS = 10.0
"""How long anything may take to be said."""
LINK_PASSWORD = "between-servers"


class NgIrcd:
    """`start` and `stop` as often as wanted, on one port."""

    def __init__(self, port: int, folder: Path, extra: str = "") -> None:
        self.port, self._config = port, folder / "ngircd.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self._config.write_text(
            f"[Global]\nName = irc.test\nInfo = for tests\nListen = 127.0.0.1\nPorts = {port}\n"
            f"MotdPhrase = hello\n"
            "[Options]\nDNS = no\nIdent = no\nPAM = no\n"
            "[Limits]\nMaxNickLength = 30\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\n"
            f"[Server]\nName = services.test\nMyPassword = {LINK_PASSWORD}\n"
            f"PeerPassword = {LINK_PASSWORD}\nServiceMask = *Serv\n{extra}"
        )
        self._config.chmod(0o644)
        folder.chmod(0o755)

    def start(self) -> None:
        command = [NGIRCD, "--nodaemon", "--config", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError("ngircd does not listen")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def running_ngircd(port: int, folder: Path, extra: str = "") -> Iterator[NgIrcd]:
    server = NgIrcd(port, folder, extra)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Wire:
    """Lines to and from the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._file = self._socket.makefile("rb")
        self.raw: list[bytes] = []
        """Every line that came, as it came."""

    def send(self, line: str) -> None:
        self._socket.sendall(line.encode() + b"\r\n")

    def next_line(self) -> str:
        """Answers pings on the way. Raises TimeoutError when nothing comes for long."""
        while True:
            raw = self._file.readline()
            if not raw:
                raise ConnectionError("the server closed the connection")
            self.raw.append(raw)
            line = raw.decode().rstrip("\r\n")
            if not line.startswith("PING"):
                return line
            self.send(line.replace("PING", "PONG", 1))

    def wait_for(self, *parts: str) -> str:
        """The next line that holds all of these."""
        while True:
            line = self.next_line()
            if all(part in line for part in parts):
                return line

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class Person(Wire):
    """Somebody with a client; `in_channel` beside the bot."""

    def __init__(self, port: int, nick: str, *, in_channel: bool = True) -> None:
        super().__init__(port)
        self.nick = nick
        self.send(f"NICK {nick}")
        self.send(f"USER {nick} 0 * :{nick}")
        self.wait_for(" 376 ")
        if in_channel:
            self.send(f"JOIN {CHANNEL}")
            self.wait_for(" 366 ")

    @property
    def topic_limit(self) -> int:
        """As the server said when they came: versions of it differ."""
        [limit] = [word for line in self.raw for word in line.split() if word.startswith(b"TOPICLEN=")]
        return int(limit.removeprefix(b"TOPICLEN="))

    def say(self, text: str, to: str = CHANNEL) -> None:
        self.send(f"PRIVMSG {to} :{text}")

    def hears(self, target: str = CHANNEL) -> str:
        """The next thing said to the channel, or to this nick, without who said it."""
        return self.wait_for(f" PRIVMSG {target} :").split(f" PRIVMSG {target} :", 1)[1]

    def hears_in_private(self) -> str:
        return self.hears(self.nick)

    def heard_since(self, token: str) -> list[str]:
        """All that came until the server answers this token: what is not in it was not said."""
        self.send(f"PING {token}")
        lines = []
        while True:
            line = self.next_line()
            if " PONG " in line and line.endswith(token):
                return [each for each in lines if "PRIVMSG" in each]
            lines.append(line)


class Services(Wire):
    """NickServ, on a server of its own that is linked to ours. It says who is identified: user mode R."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.send(f"PASS {LINK_PASSWORD} 0210-IRC+ tests|1:CHLMSX")
        self.send("SERVER services.test 1 :Services")
        self.wait_for(" 376 ")
        self.send(":services.test 376 irc.test :End of MOTD command")
        self.send(":services.test NICK NickServ 1 services services.test 1 +o :Nickname services")

    def identify(self, nick: str) -> None:
        self.send(f":services.test MODE {nick} +R")
        self._settle()

    def forget(self, nick: str) -> None:
        self.send(f":services.test MODE {nick} -R")
        self._settle()

    def _settle(self) -> None:
        self.send("PING :settled")
        self.wait_for(" PONG ")
