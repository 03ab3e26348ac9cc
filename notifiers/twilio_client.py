"""Twilio's own client, aimed at any server that speaks its API, and its errors told as our failures."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from notifiers.base import Message, PermanentFailure, TemporaryFailure
from notifiers.twilio_errors import failure_for

FIRST = "twilio"
"""What the account of the single settings is called."""
POOL_SIZE = 256
"""Idle connections kept: as many as a process may have sender threads."""
CONNECT_SECONDS = 3.0
"""Longest wait for a connection. Short, since it is spent again on each address of the host."""


@dataclass(frozen=True)
class TwilioAccount:
    """How to reach Twilio, or a server like it. `from_number` is in E.164; `name` is what deliveries call it."""

    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str
    base_url: str = "https://api.twilio.com"
    timeout_seconds: float = 10.0
    name: str = FIRST


class RetargetedHttpClient(threading.local, TwilioHttpClient):  # type: ignore[misc]
    """Sends each request to `base_url` in place of the host that the library chose; nothing else of it changes.

    Thread-local, because the library returns a response by way of an attribute of its client: under a tracer, or
    without the GIL, threads that share one get the answers to each other's messages. `__init__` runs in each thread,
    with the same arguments, so each has its own attributes; the session, and so the connections, are shared.
    """

    def __init__(self, base_url: str, timeout_seconds: float, session: requests.Session) -> None:
        super().__init__(pool_connections=False)
        self.timeout = (min(CONNECT_SECONDS, timeout_seconds), timeout_seconds)
        self.session = session
        self.base = urlsplit(base_url.rstrip("/"))

    @contextmanager
    def answering_within(self, seconds: float | None) -> Iterator[None]:
        """This thread's requests inside the block are waited for no longer than that; None: as long as ever."""
        usual = self.timeout
        if seconds is not None:
            self.timeout = (min(usual[0], seconds), min(usual[1], seconds))
        try:
            yield
        finally:
            self.timeout = usual

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> Response:
        return super().request(method, self._moved(url), *args, **kwargs)

    def _moved(self, url: str) -> str:
        asked = urlsplit(url)
        return urlunsplit(
            asked._replace(scheme=self.base.scheme, netloc=self.base.netloc, path=self.base.path + asked.path)
        )

    def log_request(self, kwargs: object) -> None:
        """Nothing: the library would log phone numbers."""

    def log_response(self, status_code: int, response: object) -> None:
        """Nothing, for the same reason."""


class TwilioClient(Client):  # type: ignore[misc]
    """For all threads of the process. It opens no connection before the first request, and what it knows of each of
    Twilio's resources, 7 MB, is loaded then: an account that is the second choice may never be asked.
    """

    def __init__(self, account: TwilioAccount) -> None:
        self._http = RetargetedHttpClient(account.base_url, account.timeout_seconds, _session(account.base_url))
        super().__init__(account.account_sid, account.auth_token, http_client=self._http)

    @contextmanager
    def sending(self, message: Message) -> Iterator[None]:
        """Within the time that the message leaves. Raises as `sending`."""
        with sending(), self._http.answering_within(message.seconds):
            yield

    @contextmanager
    def finding(self, message: Message) -> Iterator[None]:
        """The same for a question about an earlier attempt. Raises as `asking`."""
        with asking(), self._http.answering_within(message.seconds):
            yield


def _session(base_url: str) -> requests.Session:
    """Connections to share between threads. Takes no cookies: the jar is the one part that requests would change.

    Of the environment, a proxy and trusted certificates count as ever, but are looked up once: each time, it would take
    a sixth of the work of a message.
    """
    session = requests.Session()
    usual = session.merge_environment_settings(base_url, {}, None, None, None)
    session.trust_env, session.proxies, session.verify = False, usual["proxies"], usual["verify"]
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=POOL_SIZE, max_retries=0))
    return session


@contextmanager
def sending() -> Iterator[None]:
    """Tells what goes wrong inside as a TemporaryFailure or PermanentFailure. No secret or number gets into either."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise failure_for(error.code or 0, error.status) from None
    except requests.ConnectTimeout:
        raise TemporaryFailure("Twilio could not be reached in time") from None
    except requests.Timeout:
        raise TemporaryFailure("Twilio did not answer in time", may_come_late=True) from None
    except requests.ConnectionError as error:
        reason = "The connection to Twilio failed"
        raise TemporaryFailure(reason, maybe_accepted=not _never_connected(error)) from None
    except UnicodeEncodeError:
        raise PermanentFailure("The text has characters that can't be sent") from None
    except (requests.RequestException, TwilioException, ValueError):
        raise TemporaryFailure("Twilio's answer could not be read", maybe_accepted=True) from None


@contextmanager
def asking() -> Iterator[None]:
    """As `sending`, for questions about earlier messages: not being able to ask is always temporary."""
    try:
        with sending():
            yield
    except PermanentFailure as failure:
        raise TemporaryFailure(failure.reason) from None


def _never_connected(error: requests.ConnectionError) -> bool:
    """True if no connection came about (refused, no such host), so that nothing can have been accepted."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
