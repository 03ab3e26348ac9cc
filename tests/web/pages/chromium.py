"""A real browser on a narrow phone, and the service at an address that it can open."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import uvicorn
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from starlette.types import ASGIApp

NARROW = 320
"""The narrowest phone that pages are made for, in px."""
TOUCH = 44
"""How high what is tapped must be, in px: WCAG 2.2, 2.5.5, and the vendors' guidelines."""
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # which root can't have
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
)


@contextmanager
def listening(app: ASGIApp, certificate: Path | None = None) -> Iterator[str]:
    """The address of `app`, whose lifespan is somebody else's; over TLS with a certificate and its key in one file."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error", ssl_certfile=certificate))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def chromium(profile: Path) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    screen = {"width": NARROW, "height": 640, "pixelRatio": 1, "touch": True}
    options.add_experimental_option("mobileEmulation", {"deviceMetrics": screen})
    driver = Chrome(options, Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()
