"""A calendar from an address that somebody typed: bounded in time and size, and never from inside our own network."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from notifiers.public_http import FAILURES, MayConnect, PrivateAddress, guarded_session
from oncall.errors import BadInput

SECONDS = 10.0
LARGEST = 5_000_000
"""Bytes."""
MOST_REDIRECTS = 3
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Download:
    body: bytes
    etag: str
    last_modified: str


def download(
    url: str, may_connect: MayConnect, etag: str = "", last_modified: str = "", seconds: float = SECONDS
) -> Download | None:
    """None when it has not changed since `etag` or `last_modified`. Raises BadInput, which never shows the address."""
    asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"Accept": "text/calendar, */*;q=0.1", **{name: value for name, value in asked.items() if value}}
    try:
        with guarded_session(may_connect, seconds) as session:
            session.max_redirects = MOST_REDIRECTS
            with session.get(url, headers=headers, timeout=seconds, stream=True) as answer:
                return _taken(answer)
    except (PrivateAddress, *FAILURES) as error:
        raise BadInput(_sentence(error, url), field="url") from None


def _taken(answer: requests.Response) -> Download | None:
    if answer.status_code == 304:
        return None
    if answer.status_code != 200:
        raise BadInput(_refused(answer.status_code), field="url")
    body = bytearray()
    for chunk in _chunks(answer):
        body += chunk
        if len(body) > LARGEST:
            most = LARGEST // 1_000_000
            raise BadInput(
                f"The calendar is larger than {most} MB: give one that holds only when you are away.", field="url"
            )
    return Download(bytes(body), answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))


def _chunks(answer: requests.Response) -> Iterator[bytes]:
    """As they come in, whatever their length."""
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
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
