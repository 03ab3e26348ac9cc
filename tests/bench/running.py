"""What the benchmarks start, and where: processes of their own, each on a port of its own."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from oncall.settings import Settings

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


def ask_process(target: Callable[..., None], *arguments: Any) -> Any:
    """Run `target` in a process of its own and give what it sends back."""
    ours, theirs = spawn.Pipe()
    with process(target, theirs, *arguments):
        return ours.recv()
