"""What only a real browser shows of every page: that it fits a narrow phone and a thumb, and shuts nobody out."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Page

from oncall.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser
from tests.web.pages.chromium import DESKTOP, NARROW, PHONE, TOUCH, Windows
from tests.web.pages.every_page import LONG, PAGES, USUAL, fill
from web.pages import ROUTERS, phone

pytestmark = needs("chromium")

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SCREENSHOTS = Path(__file__).parents[3] / "screenshots"
UNFOLD = "document.querySelectorAll('details').forEach((each) => (each.open = true))"
WRONG = """
(touch) => {
  const boxes = [...document.querySelectorAll("main, main *, .top *, .tabs *")];
  const isSideways = document.documentElement.scrollWidth > innerWidth || innerWidth > screen.width;
  const wide = boxes.filter((each) => isSideways && each.getBoundingClientRect().right > screen.width + 1);
  const tapped = "a, button, select, summary, input:not(.hidden, [type=checkbox])";
  const isOfALine = (each) => getComputedStyle(each).display == "inline" || !each.getClientRects().length;
  const low = boxes.filter((each) => each.matches(tapped) && !isOfALine(each) && each.offsetHeight < touch);
  const shown = (what, each) => `${what}: ${each.outerHTML.slice(0, 90)}`;
  return [...wide.map((each) => shown("too wide", each)), ...low.map((each) => shown("too low", each))].slice(0, 4);
}
"""
"""What is beyond the edge of a page that scrolls sideways, and what is too low to be tapped; links in a text may be."""
VIOLATIONS = """
axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)))
"""


def on_every(addresses: list[str], window: Page, look: Callable[[Page], list[str]]) -> dict[str, list[str]]:
    """What `look` finds on each page with everything folded out, where it finds something."""
    found = {}
    for path in addresses:
        window.goto(path)
        assert "oncall" in window.title()
        window.evaluate(UNFOLD)
        found[path] = look(window)
    return {path: faults for path, faults in found.items() if faults}


def test_none_is_left_out() -> None:
    shown = [path.partition("?")[0] for path in PAGES]
    routes = [route for router in (*ROUTERS, phone.router) for route in router.routes if isinstance(route, APIRoute)]
    pages = [route for route in routes if "GET" in route.methods and not route.path.endswith(".csv")]

    assert [route.path for route in pages if not any(route.path_regex.match(path) for path in shown)] == []


def test_every_page_fits_a_narrow_phone_and_a_thumb(runtime: Runtime, bob: Browser, windows: Windows) -> None:
    addresses = fill(runtime, bob, LONG)

    assert on_every(addresses, windows.open(NARROW, bob), lambda page: page.evaluate(WRONG, TOUCH)) == {}


def test_no_page_shuts_anybody_out(runtime: Runtime, bob: Browser, windows: Windows) -> None:
    """Wide and light, then narrow and dark, of the same page: to load each four times would double the time."""

    def violations(page: Page) -> list[str]:
        page.evaluate(AXE)
        found: list[str] = []
        for device, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
            page.set_viewport_size(device["viewport"])
            page.emulate_media(color_scheme=scheme)
            found += [f"{scheme} {fault}" for fault in page.evaluate(VIOLATIONS)]
        return found

    addresses = fill(runtime, bob, USUAL)

    assert on_every(addresses, windows.open(DESKTOP, bob, reduced_motion="reduce"), violations) == {}


@pytest.mark.long  # by `make screenshots`
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_picture_of_every_page(
    runtime: Runtime, bob: Browser, windows: Windows, device: dict[str, Any], scheme: str
) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    width = device["viewport"]["width"]

    def picture(page: Page) -> list[str]:
        name = re.sub(r"[^A-Za-z0-9]+", "-", urlsplit(page.url)._replace(scheme="", netloc="").geturl()).strip("-")
        page.screenshot(path=SCREENSHOTS / f"{name[:60] or 'home'}-{width}-{scheme}.png", full_page=True)
        return []

    assert on_every(fill(runtime, bob, USUAL), windows.open(device, bob, color_scheme=scheme), picture) == {}
    assert len(list(SCREENSHOTS.glob(f"*-{width}-{scheme}.png"))) >= len(PAGES)
