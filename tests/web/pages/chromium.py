"""Real browsers: the system's Chromium, driven by Playwright. One process for all tests, and in it a browser with
cookies of its own for whatever a test opens.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.web.pages.browser import Browser
from web.edge import COOKIE

PROGRAM = "chromium-headless-shell"
"""Chromium built without windows: for the same pages it takes a third less of the processor."""
TOUCH = 44
"""How high what is tapped must be, in px: WCAG 2.2, 2.5.5, and the vendors' guidelines."""
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
NARROW: dict[str, Any] = PHONE | {"viewport": {"width": 320, "height": 640}}
"""The narrowest phone that pages are made for."""
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
ARGUMENTS = (
    "--no-sandbox",  # which root can't have
    "--disable-dev-shm-usage",
    # A page is open for a moment: to compile its scripts better takes longer than it saves.
    "--js-flags=--always-sparkplug,--no-maglev,--no-turbofan",
)
PATIENCE = 10_000
"""Milliseconds until what a test waits for counts as never coming."""

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
  .observe({ type: "layout-shift", buffered: true });
"""
MOVED = """
() => {
  const shifted = window.shifts.reduce((sum, each) => sum + each.value, 0);
  const movers = window.shifts.flatMap((each) => each.sources.map(({ node, previousRect, currentRect }) =>
    `${(node?.outerHTML ?? node?.textContent ?? "gone").slice(0, 60)} from ${previousRect.y} to ${currentRect.y}`));
  return shifted > 0.01 ? [`moved by ${shifted} while it was drawn: ${movers.join("; ")}`] : [];
}
"""
MISFITS = """
(touch) => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((each) => (each.open = true));
  const boxes = [...document.querySelectorAll("main, main *, .top *, .tabs *")];
  const isSideways = document.documentElement.scrollWidth > innerWidth || innerWidth > screen.width;
  const wide = boxes.filter((each) => isSideways && each.getBoundingClientRect().right > screen.width + 1);
  const tapped = "a, button, select, summary, input:not(.hidden, [type=checkbox], [type=radio])";
  const isOfALine = (each) => getComputedStyle(each).display == "inline" || !each.getClientRects().length;
  const low = boxes.filter((each) => each.matches(tapped) && !isOfALine(each) && each.offsetHeight < touch);
  const shown = (what, each) => `${what}: ${each.outerHTML.slice(0, 90)}`;
  const found = [
    ...wide.map((each) => shown("too wide", each)), ...low.map((each) => shown("too low", each)),
  ].slice(0, 4);
  folded.forEach((each) => (each.open = false));
  return found;
}
"""
IN_PIECES = """
async ([path, size]) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const text = await (await fetch(path)).text(), body = text.indexOf("<body");
  document.open();
  for (let from = 0, to = body; from < text.length; [from, to] = [to, to + size]) {
    document.write(text.slice(from, to));
    await drawn();
  }
  document.close();
  await drawn();
}
"""


@contextmanager
def running_chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which(PROGRAM), args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


class Windows:
    """The browsers of a test at one installation, and what went wrong in them that nobody sees on the page."""

    def __init__(self, chromium: Chromium, address: str) -> None:
        self._chromium = chromium
        self._address = address
        self.faults: list[str] = []

    def open(self, device: dict[str, Any], somebody: Browser | None = None, **options: Any) -> Page:
        """A new window, in which `somebody` has signed in."""
        options = {"service_workers": "block"} | device | options
        context = self._chromium.new_context(base_url=self._address, **options)
        context.set_default_timeout(PATIENCE)
        if somebody:
            cookie = somebody.client.cookies[COOKIE]
            context.add_cookies([{"name": COOKIE, "value": cookie, "url": self._address}])
        context.add_init_script(SHIFTS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(page, message))
        page.on("request", lambda request: self._see(request.url))
        return page

    def close(self) -> None:
        for context in self._chromium.contexts:
            context.close()

    def _hear(self, page: Page, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(f"{page.url}: {message.text}")

    def _see(self, url: str) -> None:
        if not url.startswith((self._address, "data:")):
            self.faults.append(f"asks a stranger: {url}")


def receive_in_pieces(page: Page, path: str, size: int = 1500) -> None:
    """As over a slow line: so many characters, which are drawn before the next ones are there."""
    page.goto("/health/live")  # where no script is, or those of the page would run twice
    page.evaluate(IN_PIECES, [path, size])


def moved(page: Page) -> list[str]:
    """By how much it has moved while it was drawn, and what."""
    found: list[str] = page.evaluate(MOVED)
    return found


def misfits(page: Page) -> list[str]:
    """What has moved; then, with everything folded out, what is beyond the page's edge if it scrolls sideways, and what
    is too low to be tapped (links in a text may be).
    """
    page.wait_for_load_state()  # a form leads to a page whose text is there before its styles are
    return [*moved(page), *page.evaluate(MISFITS, TOUCH)]
