"""Real processes of the service for tests: started, waited for, spoken to over HTTP, and stopped by their pid."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oncall.settings import Settings

ONCALL = Path(sys.executable).parent / "oncall"
START_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One HTTP request to a process on this machine. Raises OSError when nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        sent = json.dumps(body) if isinstance(body, dict | list) else body
        connection.request(method, path, sent, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


def environment(settings: Settings, **others: object) -> dict[str, str]:
    """The process environment that gives these settings, and nothing of the developer's own."""
    values = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        for name, value in {**dict(settings), **others}.items()
    }
    return dict(os.environ) | {f"ONCALL_{name.upper()}": value for name, value in values.items()}


def wait_until_ready(port: int, path: str = "/health/ready", seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if ask(port, "GET", path).status == 200:
                return
        except OSError:
            pass  # not listening yet
        time.sleep(0.02)
    raise TimeoutError(f"nothing is ready on port {port} after {seconds} s")


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def running(command: list[str], env: Mapping[str, str], cwd: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process for as long as the block lasts; ended with SIGTERM, and killed if it does not listen."""
    process = subprocess.Popen(command, env=dict(env), cwd=cwd, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(settings: Settings, cwd: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`oncall serve` with these settings, ready."""
    with running([str(ONCALL), *(arguments or ("serve",))], environment(settings), cwd) as process:
        wait_until_ready(settings.port)
        yield process
