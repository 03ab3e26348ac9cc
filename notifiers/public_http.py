"""HTTP to an address that somebody typed: in a bounded time, and never into our own network.

The address that is connected to is the one that was looked at, at every redirect too: looking a name up twice could
give two answers. A proxy of the environment is not used, since it would connect on our behalf to what we refuse.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

from notifiers.deadline import Deadline

_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
MayConnect = Callable[[Address], bool]

FAILURES = (requests.RequestException, HTTPError, OSError, ValueError)
"""What can come of an exchange, beside PrivateAddress."""


class PrivateAddress(Exception):
    """The name leads into a network that outsiders can't reach. No OSError: that would be tried again and renamed."""


def is_public(address: Address) -> bool:
    """Whether the whole internet can reach it: not loopback, private, link-local, reserved or multicast."""
    inner = (address.ipv4_mapped or address.sixtofour) if isinstance(address, IPv6Address) else None
    if isinstance(address, IPv6Address) and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return is_public(inner) if inner else address.is_global and not address.is_multicast


def anywhere(_: Address) -> bool:
    return True


def addresses_of(host: str, port: int) -> list[Address]:
    """What a name stands for just now. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


@contextmanager
def guarded_session(may_connect: MayConnect, seconds: float) -> Iterator[requests.Session]:
    """Connects only where `may_connect` says, and raises requests.Timeout for all that takes longer than `seconds`."""
    with Deadline(seconds) as deadline, requests.Session() as session:
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _guarded(may_connect, seconds, deadline))
        try:
            yield session
        except FAILURES as error:
            raise (requests.Timeout() if deadline.has_passed else error) from None
        if deadline.has_passed:  # to whoever reads a body of unknown length, the cut looked like its end
            raise requests.Timeout


def _guarded(may_connect: MayConnect, seconds: float, deadline: Deadline) -> HTTPAdapter:
    def connect(connection: HTTPConnection) -> socket.socket:
        made = _connect(connection, may_connect, seconds)
        deadline.watch(made)
        return made

    adapter = HTTPAdapter()
    adapter.poolmanager.pool_classes_by_scheme = _pools(connect)
    return adapter


def _pools(connect: Callable[[HTTPConnection], socket.socket]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _connect(connection: HTTPConnection, may_connect: MayConnect, seconds: float) -> socket.socket:
    """To the first address of the name that answers. Raises PrivateAddress when any of them must not be asked."""
    addresses = addresses_of(connection.host, connection.port)
    if not all(may_connect(address) for address in addresses):
        raise PrivateAddress
    failure: OSError | None = None
    for address in addresses:
        try:
            return create_connection((str(address), connection.port), seconds)
        except OSError as error:
            failure = error
    raise failure or OSError("the name has no address")
