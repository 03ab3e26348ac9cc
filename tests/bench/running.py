"""What the benchmarks start, and where: processes of their own, each on a port of its own."""

import multiprocessing
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from oncall.settings import Settings
from tests.processes import serving

PORT, BARE_PORT, TWILIO_PORT = 18800, 18801, 18802
DATABASES = ("SQLite", "PostgreSQL")
New = Callable[..., Settings]
"""Makes an installation on one of them."""

spawn = multiprocessing.get_context("spawn")


@contextmanager
def process(target: Callable[..., None], *arguments: Any) -> Iterator[Any]:
    started = spawn.Process(target=target, args=arguments, daemon=True)
    started.start()
    yield started
    started.terminate()
    started.join()


def our_process(settings: Settings) -> "AbstractContextManager[subprocess.Popen[bytes]]":
    """The command that everybody runs, ready. Started where no `.env` is."""
    return serving(settings, Path(tempfile.gettempdir()))


def ask_process(target: Callable[..., None], *arguments: Any) -> Any:
    """Run `target` in a process of its own and give what it sends back."""
    ours, theirs = spawn.Pipe()
    with process(target, theirs, *arguments):
        return ours.recv()
