"""Where our bot connects, and as whom."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IrcAccount:
    host: str
    port: int
    nick: str
    channel: str
    """Where pages are said by name, and whose topic says who is on call."""
    tls: bool = True
    password: str = ""
    """Of the nick's account at the network's services: by SASL where the server offers it, else told to NickServ."""
    server_password: str = ""
    identified_only: bool = True
    """Whether a nick counts only while the services know it: without, whoever takes a nick is its person."""
    line_seconds: float = 2.0
    """Servers put out whoever sends more than a line in so many seconds, after a burst of a few."""
    timeout_seconds: float = 10.0
