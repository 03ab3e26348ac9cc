"""The real Prometheus Alertmanager, as Debian has it, with a configuration of the test's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import running, wait_until_ready


@contextmanager
def alertmanager(folder: Path, port: int, configuration: str) -> Iterator[None]:
    """Ready, at `port`, until the block ends."""
    config = folder / "alertmanager.yml"
    config.write_text(configuration)
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    with running(command, {}, folder):
        wait_until_ready(port, "/-/ready")
        yield
