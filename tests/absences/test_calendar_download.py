"""Fetching from an address that somebody typed: in bounds, and never from inside our own network."""

from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from notifiers.public_http import Address, MayConnect, anywhere, is_public
from oncall.absences.calendar_download import LARGEST, MOST_REDIRECTS, download
from oncall.clock import monotonic
from oncall.errors import BadInput
from tests.calendar_server import CALENDAR, Answer, CalendarServer, calendar_server


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar_server() as running:
        yield running


def only_the_first(address: Address) -> bool:
    """As if 127.0.0.1 were on the internet, and the rest of loopback were not."""
    return address == ip_address("127.0.0.1")


def refused(url: str, may_connect: MayConnect = anywhere) -> str:
    with pytest.raises(BadInput) as error:
        download(url, may_connect)
    assert error.value.field == "url"
    assert "private-0123456789" not in error.value.detail
    return error.value.detail


def test_a_file_is_fetched_with_what_tells_whether_it_changes(server: CalendarServer) -> None:
    server.answer = Answer(headers={"ETag": '"1"', "Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT"})

    first = download(server.url, anywhere)

    assert first is not None
    assert (first.body, first.etag, first.last_modified) == (CALENDAR, '"1"', "Mon, 05 Jan 2026 10:00:00 GMT")
    assert download(server.url, anywhere, first.etag, first.last_modified) is None
    assert server.asked[1]["If-Modified-Since"] == first.last_modified


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "wants a login (401)"), (404, "no calendar at this address any more"), (500, "answered 500 instead")],
)
def test_a_server_that_gives_none_is_quoted(server: CalendarServer, status: int, said: str) -> None:
    server.answer = Answer(status)

    assert said in refused(server.url)


def test_a_server_that_is_not_there_is_named_without_the_secret_address(server: CalendarServer) -> None:
    assert refused("http://127.0.0.1:9/private-0123456789").startswith("127.0.0.1 can't be reached")


def test_a_file_too_large_is_not_read_to_its_end(server: CalendarServer) -> None:
    server.answer = Answer(body=b"x" * (LARGEST + 1))

    assert "larger than 5 MB" in refused(server.url)


def test_a_server_that_drips_does_not_hold_us(server: CalendarServer) -> None:
    server.answer, began = Answer(drip=0.05), monotonic()

    with pytest.raises(BadInput, match="did not send the calendar in time"):
        download(server.url, anywhere, seconds=0.5)
    assert monotonic() - began < 5


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"])
def test_our_own_machine_is_not_asked(server: CalendarServer, host: str) -> None:
    assert "private network" in refused(server.url.replace("127.0.0.1", host), is_public)
    assert server.asked == []


def test_a_redirect_into_a_private_network_is_not_followed(server: CalendarServer) -> None:
    server.answer = Answer(302, headers={"Location": server.url.replace("127.0.0.1", "127.0.0.2")})

    assert "private network" in refused(server.url, only_the_first)
    assert len(server.asked) == 1


def test_redirects_end(server: CalendarServer) -> None:
    server.answer = Answer(302, headers={"Location": server.url})

    assert f"redirected more than {MOST_REDIRECTS} times" in refused(server.url)
    assert len(server.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/"])
def test_a_redirect_leads_to_the_web_or_nowhere(server: CalendarServer, target: str) -> None:
    server.answer = Answer(302, headers={"Location": target})

    assert "can't be reached" in refused(server.url)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "127.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_what_outsiders_can_t_reach_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.1.1", "2607:f8b0::1", "::ffff:8.8.8.8"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))
