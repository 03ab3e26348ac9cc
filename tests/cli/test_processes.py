"""The commands that stay, as real processes on a free port, stopped by their pid."""

import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from oncall.db.database import Database
from oncall.models import LoginFailure
from oncall.running.serve import PROXIES, STOP_SIGNALS, run_engine
from oncall.settings import Settings
from tests.cli.conftest import Oncall
from tests.conftest import sqlite_settings_of
from tests.processes import ONCALL, ask, wait_until_ready

FreePort = Callable[[], int]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
"""What `curl -d` says too, whatever it sends."""


@contextmanager
def started(arguments: list[str], env: Mapping[str, str], cwd: Path) -> Iterator["subprocess.Popen[str]"]:
    """`oncall …`, killed at the end if it has not ended."""
    process = subprocess.Popen(
        [str(ONCALL), *arguments], env=dict(env), cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said_until(process: "subprocess.Popen[str]", words: str) -> str:
    """What it prints, to the line with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"ended without saying “{words}”: {said} {process.stderr and process.stderr.read()}")


@pytest.fixture
def of_signals() -> Iterator[None]:
    """Whoever listens to them before the test does so after it; a signal that nobody took up fails the test."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: pytest.fail("nobody listens"))
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_serve_migrates_says_where_it_is_lets_no_second_engine_in_and_ends_cleanly(
    tmp_path: Path, free_port: FreePort, command: Oncall, monkeypatch: pytest.MonkeyPatch, of_signals: None
) -> None:
    port, folder = free_port(), tmp_path / "of its own"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ONCALL_DATABASE_URL")
    with started(["serve"], dict(os.environ) | {"ONCALL_PORT": str(port)}, folder) as process:
        assert f"http://127.0.0.1:{port}" in said_until(process, "Ready at")
        begin = said_until(process, "Begin at").split()[-1]
        assert ask(port, "GET", begin.partition(str(port))[2]).status == 200
        wait_until_ready(port)
        late = command("engine")
        process.terminate()

        assert process.wait(10) == 0
    assert late.code == 1
    assert late.err.startswith("Another engine already works on")
    assert "set ONCALL_DATABASE_URL to another file" in late.err
    assert (folder / "oncall.db").exists()


def test_a_proxy_named_in_the_file_of_settings_is_believed_and_what_a_stranger_told_it_is_not(
    tmp_path: Path, free_port: FreePort
) -> None:
    port, env = free_port(), {name: value for name, value in os.environ.items() if name != PROXIES}
    (tmp_path / ".env").write_text(f"{PROXIES}=127.0.0.1\nONCALL_PORT={port}\n")
    with started(["serve"], env, tmp_path) as process:
        said_until(process, "Ready at")
        wrong = urlencode({"handle": "alice", "password": "x"})
        ask(port, "POST", "/login", wrong, FORM | {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})

    with closing(Database(sqlite_settings_of(tmp_path / "oncall.db"))) as database, database.read() as session:
        assert session.exec(select(LoginFailure.address)).all() == ["203.0.113.7"]


def test_a_busy_port_is_said_in_a_sentence(command: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("ONCALL_PORT", str(port))
        refused = command("serve")

    assert refused.code == 1
    assert refused.err == f"Port {port} is in use: stop what listens there or set ONCALL_PORT={port + 1}\n"


def test_an_engine_alone_runs_until_it_is_told_to_stop(sqlite_settings: Settings, of_signals: None) -> None:
    run_engine(sqlite_settings, lambda: os.kill(os.getpid(), signal.SIGTERM))

    assert Path(f"{sqlite_settings.sqlite_file}.engine").read_text() == str(os.getpid())


def test_the_demo_is_ready_to_be_paged_by_the_line_it_prints(tmp_path: Path, free_port: FreePort) -> None:
    port = free_port()
    env = dict(os.environ) | {"PORT": str(port)}
    with started(["demo"], env, tmp_path) as process:
        said = said_until(process, "Ctrl-C")
        *_, url, _, body = shlex.split(line_of(said, "curl"))
        answered = ask(port, "POST", url.removeprefix(f"http://127.0.0.1:{port}"), body, FORM)
        handle, password = (line_of(said, word).removeprefix(word).strip() for word in ("Sign in as", "Password"))
        login = ask(port, "POST", "/login", urlencode({"handle": handle, "password": password}), FORM)
        process.send_signal(signal.SIGINT)  # Ctrl-C

        assert process.wait(10) == 0
    assert (answered.status, answered.json()["events"]) == (202, 1)
    assert (login.status, login.headers["location"]) == (303, "/")
    assert f"http://127.0.0.1:{port}/phone" in said


def line_of(said: str, beginning: str) -> str:
    return next(line.strip() for line in said.splitlines() if line.strip().startswith(beginning))


def test_the_demo_does_not_send_through_a_real_provider(command: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCOUNT_SID": "AC1", "AUTH_TOKEN": "x", "FROM": "+12025550100"}.items():
        monkeypatch.setenv(f"ONCALL_TWILIO_{name}", value)

    refused = command("demo")

    assert refused.code == 1
    assert "demo can't be combined with twilio_account_sid" in refused.err
