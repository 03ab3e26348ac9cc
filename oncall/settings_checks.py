"""What settings must be true of together. Each check raises ValueError with a sentence that names the setting."""

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from notifiers.irc_line import CHANNEL, NICK
from notifiers.twilio_accounts import fallback_accounts

if TYPE_CHECKING:
    from oncall.settings import Settings


def _no_address(port: object) -> object:
    if str(port).startswith("tcp://"):
        why = "was set by Kubernetes, for a service that is called oncall"
        raise ValueError(f"{why}: give that another name, or set enableServiceLinks: false")
    return port


Port = Annotated[int, BeforeValidator(_no_address)]
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def host_and_port(text: str, name: str, example: str) -> tuple[str, int]:
    """The host without brackets."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:
        raise ValueError(f"{name} must be a host and a port, such as {example}")
    return host.strip("[]"), int(port)


def check_mail(settings: "Settings") -> None:
    if bool(settings.smtp_tls_certificate) != bool(settings.smtp_tls_key):
        raise ValueError("smtp_tls_certificate and smtp_tls_key need each other: set both, or neither")
    if not settings.smtp_listen:
        if settings.smtp_tls_certificate:
            raise ValueError("smtp_tls_certificate needs smtp_listen beside it")
        return
    host_and_port(settings.smtp_listen, "smtp_listen", "0.0.0.0:25")
    if not DOMAIN.fullmatch(settings.email_domain):
        raise ValueError("smtp_listen needs email_domain beside it, a domain such as alerts.example.com")


def check_fallbacks(settings: "Settings") -> None:
    fallbacks = fallback_accounts(settings.twilio_fallbacks.get_secret_value())
    if fallbacks and not settings.has_twilio:
        raise ValueError("twilio_fallbacks needs twilio_account_sid beside it: that is the first account")
    if settings.twilio_account_sid in [each.account_sid for each in fallbacks]:
        raise ValueError(
            "twilio_fallbacks names the account of twilio_account_sid again: callbacks could not be told apart"
        )


def check_irc(settings: "Settings") -> None:
    has_password = settings.irc_password.get_secret_value() or settings.irc_server_password.get_secret_value()
    if not settings.irc_server:
        if has_password or settings.irc_topic:
            raise ValueError("irc_password, irc_server_password and irc_topic need irc_server beside them")
        return
    host, _ = host_and_port(settings.irc_server, "irc_server", "irc.example.com:6697")
    if not NICK.fullmatch(settings.irc_nick):
        raise ValueError("irc_nick must be letters and digits, 30 at most, and begin with a letter")
    if not CHANNEL.fullmatch(settings.irc_channel):
        raise ValueError("irc_channel must begin with # and hold no spaces or commas, such as #warroom")
    if has_password and not settings.irc_tls and host not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("irc_tls must be on with a password, or everybody on the way could read it")
    if settings.demo:
        raise ValueError("demo can't be combined with irc_server: demo sends nothing to real people")
