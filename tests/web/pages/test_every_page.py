"""What only a real browser shows of every page: that it fits a narrow phone and a thumb, and shuts nobody out."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Page

from oncall.running.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser, link
from tests.web.pages.chromium import DESKTOP, NARROW, PHONE, Windows, misfits
from tests.web.pages.every_page import ANSWER, LONG, PAGES, USUAL, fill
from web.pages import ROUTERS
from web.pages.admin import phone

pytestmark = needs("chromium-headless-shell")

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SCREENSHOTS = Path(__file__).parents[3] / "screenshots"
NEEDS_MORE = frozenset({"/again", "/welcome/{token}"})
"""Shown only after something has happened: its own journey looks at it."""
FAULT = "/styleguide/errors/500"
"""What a page looks like on which something went wrong: that of any other would be looked at in its stead."""
UNFOLD = "document.querySelectorAll('details').forEach((each) => (each.open = true))"
CHANGING = ["color-contrast", "scrollable-region-focusable"]
"""What axe-core looks at that is not the same wide and narrow, light and dark."""
VIOLATIONS = """
(rules) => axe.run({ resultTypes: ["violations"], ...rules }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)))
"""


def on_every(addresses: list[str], window: Page, look: Callable[[Page], list[str]]) -> dict[str, list[str]]:
    """What `look` finds on each page, where it finds something."""
    found = {}
    for path in addresses:
        answer = window.goto(path)
        assert answer
        assert answer.status < 500 or path == FAULT, path
        assert "oncall" in window.title()
        found[path] = look(window)
    return {path: faults for path, faults in found.items() if faults}


def test_none_is_left_out() -> None:
    shown = [path.partition("?")[0] for path in PAGES]
    routes = [route for router in (*ROUTERS, phone.router) for route in router.routes if isinstance(route, APIRoute)]
    files = (".csv", ".js", ".vcf", ".yaml")
    looked_at = [route for route in routes if "GET" in route.methods and not route.is_sse_stream]
    pages = [route for route in looked_at if not route.path.endswith(files)]

    missing = {route.path for route in pages if not any(route.path_regex.match(path) for path in shown)}
    assert missing == NEEDS_MORE


def test_every_page_fits_a_narrow_phone_and_a_thumb_and_shuts_nobody_out(
    runtime: Runtime, bob: Browser, windows: Windows
) -> None:
    """At one visit: to open a page takes as long as to look at it."""
    addresses = fill(runtime, bob, LONG)

    def faults(page: Page) -> list[str]:
        found = misfits(page) + violations(page)
        page.set_viewport_size(NARROW["viewport"])
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")  # as the next is to be opened
        return found

    window = windows.open(NARROW, bob)
    window.add_init_script(AXE)  # sent once
    assert on_every(addresses, window, faults) == {}


def violations(page: Page) -> list[str]:
    """Wide and light, then narrow and dark, of the same page: to look at everything four times would take a minute."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate(UNFOLD)
    found: list[str] = []
    for device, scheme, rules in ((DESKTOP, "light", {}), (PHONE, "dark", {"runOnly": CHANGING})):
        page.set_viewport_size(device["viewport"])
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme} {fault}" for fault in page.evaluate(VIOLATIONS, rules)]
    return found


@pytest.mark.long  # by `make screenshots`
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_picture_of_every_page(
    runtime: Runtime, bob: Browser, windows: Windows, device: dict[str, Any], scheme: str
) -> None:
    width = device["viewport"]["width"]
    SCREENSHOTS.mkdir(exist_ok=True)
    for old in SCREENSHOTS.glob(f"*-{width}-{scheme}.png"):
        old.unlink()

    def picture(page: Page) -> list[str]:
        # what sticks to an edge would be drawn across the middle of a picture that is taller than the window
        page.set_viewport_size({"width": width, "height": device["viewport"]["height"]})
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": height})
        address = urlsplit(page.url.replace(link(runtime, 1), ANSWER))._replace(scheme="", netloc="").geturl()
        name = re.sub(r"[^A-Za-z0-9]+", "-", address).strip("-")[:60] or "home"
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
        return []

    assert on_every(fill(runtime, bob, USUAL), windows.open(device, bob, color_scheme=scheme), picture) == {}
    assert len(list(SCREENSHOTS.glob(f"*-{width}-{scheme}.png"))) == len(PAGES)
