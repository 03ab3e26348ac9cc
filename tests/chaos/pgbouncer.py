"""A real PgBouncer before a PostgreSQL: no root, no service, nothing left behind."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.postgres import START_SECONDS, PostgresServer

SETTINGS = """
[databases]
* = host={server} user=postgres
[pgbouncer]
pool_mode = {pool_mode}
listen_addr =
listen_port = 5432
unix_socket_dir = {folder}
auth_type = any
default_pool_size = 80
max_client_conn = 300
logfile = {folder}/log
pidfile = {folder}/pid
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pgbouncer(server: PostgresServer, pool_mode: str = "session") -> Iterator[PostgresServer]:
    """The same databases, by way of it."""
    with tempfile.TemporaryDirectory(prefix="oncall-bouncer-") as temporary:
        folder = Path(temporary)
        file = folder / "pgbouncer.ini"
        file.write_text(SETTINGS.format(server=server.folder, folder=folder, pool_mode=pool_mode))
        user = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
        if user:
            folder.chmod(0o777)
        process = subprocess.Popen(["pgbouncer", "-q", str(file)], user=user, start_new_session=True)
        bouncer = PostgresServer(folder, None, [])
        try:
            _wait_until_ready(bouncer)
            yield bouncer
        finally:
            bouncer.stop()
            process.terminate()
            process.wait(START_SECONDS)


def _wait_until_ready(bouncer: PostgresServer) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            bouncer.execute("SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < until, "PgBouncer did not start"
            time.sleep(0.02)
        else:
            return
