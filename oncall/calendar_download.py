"""A file from an address that somebody typed: bounded in time and size, and never from inside our own network.

The address that is connected to is the one that was looked at, at every redirect too: looking a name up twice could
give two answers. A proxy of the environment is not used, since it would connect on our behalf to what we refuse.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

from oncall.clock import monotonic
from oncall.errors import BadInput

SECONDS = 10.0
LARGEST = 5_000_000
"""Bytes."""
MOST_REDIRECTS = 3
_CHUNK = 65_536
_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
MayConnect = Callable[[Address], bool]


@dataclass(frozen=True, slots=True)
class Download:
    body: bytes
    etag: str
    last_modified: str


class PrivateAddress(Exception):
    """The name leads into a network that outsiders can't reach. No OSError: that would be tried again and renamed."""


def is_public(address: Address) -> bool:
    """Whether the whole internet can reach it: not loopback, private, link-local, reserved or multicast."""
    inner = (address.ipv4_mapped or address.sixtofour) if isinstance(address, IPv6Address) else None
    if isinstance(address, IPv6Address) and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return is_public(inner) if inner else address.is_global and not address.is_multicast


def download(
    url: str, may_connect: MayConnect, etag: str = "", last_modified: str = "", seconds: float = SECONDS
) -> Download | None:
    """None when it has not changed since `etag` or `last_modified`. Raises BadInput, which never shows the address."""
    asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"Accept": "text/calendar, */*;q=0.1", **{name: value for name, value in asked.items() if value}}
    with requests.Session() as session:
        session.trust_env, session.max_redirects = False, MOST_REDIRECTS
        session.mount("http://", _guarded(may_connect))
        session.mount("https://", _guarded(may_connect))
        try:
            with session.get(url, headers=headers, timeout=seconds, stream=True) as answer:
                return _taken(answer, seconds)
        except (PrivateAddress, requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise BadInput(_sentence(error, url), field="url") from None


def _taken(answer: requests.Response, seconds: float) -> Download | None:
    if answer.status_code == 304:
        return None
    if answer.status_code != 200:
        raise BadInput(_refused(answer.status_code), field="url")
    body = bytearray()
    for chunk in _chunks(answer, seconds):
        body += chunk
        if len(body) > LARGEST:
            most = LARGEST // 1_000_000
            raise BadInput(
                f"The calendar is larger than {most} MB: give one that holds only when you are away.", field="url"
            )
    return Download(bytes(body), answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))


def _chunks(answer: requests.Response, seconds: float) -> Iterator[bytes]:
    """As they come in, so that a server that sends a byte at a time does not hold us."""
    until = monotonic() + seconds
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
        if monotonic() > until:
            raise requests.Timeout
        yield chunk


def _refused(status: int) -> str:
    if status in (401, 403):
        return f"The calendar's server wants a login ({status}): copy the calendar's secret iCal address instead."
    if status in (404, 410):
        return f"There is no calendar at this address any more ({status}): copy it anew from your calendar."
    return f"The calendar's server answered {status} instead of a calendar: try again later, or copy the address anew."


def _sentence(error: Exception, url: str) -> str:
    host = urlsplit(url).hostname
    if isinstance(error, PrivateAddress):
        return (
            "The calendar's address leads into a private network, which is refused: use one that is on the internet, "
            "or ask an admin about ONCALL_ALLOW_PRIVATE_ADDRESSES."
        )
    if isinstance(error, requests.TooManyRedirects):
        return f"The calendar's address is redirected more than {MOST_REDIRECTS} times: copy it anew."
    if isinstance(error, requests.Timeout | TimeoutError) or "timed out" in str(error):
        return f"{host} did not send the calendar in time: try again later."
    if isinstance(error, requests.exceptions.SSLError):
        return f"{host} has no valid certificate, so nothing was read: copy the address anew."
    return f"{host} can't be reached: check the address, or try again later."


def _guarded(may_connect: MayConnect) -> HTTPAdapter:
    """Connects only where `may_connect` says."""
    adapter = HTTPAdapter()
    adapter.poolmanager.pool_classes_by_scheme = _pools(may_connect)
    return adapter


def _pools(may_connect: MayConnect) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, may_connect)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, may_connect)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _connect(connection: HTTPConnection, may_connect: MayConnect) -> socket.socket:
    """To the first address of the name that answers. Raises PrivateAddress when any of them must not be asked."""
    found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    if not all(may_connect(address) for address in addresses):
        raise PrivateAddress
    failure: OSError | None = None
    for address in addresses:
        try:
            return create_connection((str(address), connection.port), SECONDS)
        except OSError as error:
            failure = error
    raise failure or OSError("the name has no address")
