"""Where mail is handed over, as a URL says it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
FORM = "write smtp://USER:PASSWORD@HOST:587, or smtps://… for a server that speaks TLS from the start"


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool
    """From the first byte; else STARTTLS."""


@dataclass(frozen=True)
class EmailAccount:
    """`sender` is what stands in From: "oncall <oncall@example.com>"."""

    server: SmtpServer
    sender: str
    is_insecure: bool = False
    """The server need offer no TLS, nor a certificate that can be verified."""
    timeout_seconds: float = 10.0


def smtp_server(url: str) -> SmtpServer:
    """Raises ValueError with a sentence that does not show the password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"can't be read: {FORM}") from None
    if parts.scheme not in PORTS or not host:
        raise ValueError(f"must name a scheme and a host: {FORM}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"has something after the port: {FORM}, with %2F for a / in the password")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"has a user without a password, or a password without a user: {FORM}")
    if not (user + password).isascii():
        raise ValueError("has a user or password that is not ASCII, which mail servers don't take")
    return SmtpServer(host, port or PORTS[parts.scheme], user, password, parts.scheme == "smtps")
