"""Processes of the service, forked from one that has imported everything, so that a start takes little time."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from oncall import logs
from oncall.running.serve import serve
from oncall.settings import Settings
from tests.processes import wait_until_ready

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.chaos.warm", "tests.chaos.fleet"])
SECONDS_TO_STOP = 15


def _serve(settings: Settings) -> None:
    logs.set_up(settings.log_level)
    serve(settings, with_engine=True, when_ready=lambda: None)


class Fleet:
    """One process for each of the settings given, each with its own server and engine. Use as a context manager."""

    def __init__(self, settings: Sequence[Settings]) -> None:
        self._settings = settings
        self._processes: dict[int, BaseProcess] = {}

    def __enter__(self) -> Self:
        for number in range(len(self._settings)):
            self.start(number)
        for number in range(len(self._settings)):
            self.wait_for(number)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.join(SECONDS_TO_STOP)
            process.kill()
            process.join()

    @property
    def ports(self) -> list[int]:
        return [settings.port for settings in self._settings]

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes.values() if process.pid is not None]

    def start(self, number: int = 0) -> None:
        process = _forking.Process(target=_serve, args=(self._settings[number],), daemon=True)
        process.start()
        self._processes[number] = process

    def wait_for(self, number: int = 0, path: str = "/health/live") -> None:
        wait_until_ready(self._settings[number].port, path)

    def signal(self, number: int, what: int) -> None:
        os.kill(self.pids[number], what)

    def kill(self, number: int = 0) -> None:
        self._processes[number].kill()
        self._processes[number].join()

    def seconds_of_processor(self) -> float:
        """What all of them have used so far."""
        ticks = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
        return ticks / os.sysconf("SC_CLK_TCK")


STOPPED, GOES_ON = signal.SIGSTOP, signal.SIGCONT
