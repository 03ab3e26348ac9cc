"""What a page weighs the first time, with all that it brings along: little, also on a train."""

import re

import pytest

from tests.web.pages.browser import Browser

MOST = 75_000
"""Bytes on the wire: what pages bring is compressed, they themselves are not."""
BROUGHT = re.compile(r'(?:href|src)="(/static/[^"#]+)')


@pytest.mark.parametrize("path", ["/", "/alerts", "/schedules", "/schedules/dev", "/me", "/services", "/setup"])
def test_the_first_page_is_light(bob: Browser, path: str) -> None:
    page = bob.open(path)
    sheets = [each for each in set(BROUGHT.findall(page)) if "icon" not in each]

    assert any("app.css" in each for each in sheets)
    assert len(page.encode()) + sum(_weight(bob, each) for each in sheets) <= MOST


def _weight(browser: Browser, path: str) -> int:
    with browser.client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        return sum(map(len, answer.iter_raw()))
