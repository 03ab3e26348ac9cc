"""A process whose clock can be set while it runs: by libfaketime, told by a file. Its monotonic clock is true."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from oncall.settings import Settings
from tests.processes import ONCALL, environment, running, wait_until_ready

LIBRARY = "libfaketimeMT.so.1"


class SteppedClock:
    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(timedelta())

    def set(self, ahead: timedelta) -> None:
        """From now on it is so far ahead of the true time."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{ahead.total_seconds():+.0f}\n")
        written.rename(self._file)

    def environment(self) -> dict[str, str]:
        library = next(Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"))
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds until it looks again: at every question it takes a core
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # waits are libc's own: by the library's each takes a fifth of a core
        }


@contextmanager
def serving_by(clock: SteppedClock, settings: Settings, folder: Path) -> Iterator[None]:
    """`oncall serve` for as long as the block lasts."""
    with running([str(ONCALL), "serve"], environment(settings) | clock.environment(), folder):
        wait_until_ready(settings.port)
        yield
