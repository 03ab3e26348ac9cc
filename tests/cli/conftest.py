"""`oncall …` as a terminal has it: what was typed, what was printed, and the exit code."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from oncall.cli import main
from oncall.settings import Settings
from tests.web.api.conftest import COMPANY


@dataclass(frozen=True)
class Printed:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


Oncall = Callable[..., Printed]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, sqlite_settings: Settings
) -> Iterator[Oncall]:
    """Runs a command line on a migrated, empty database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONCALL_DATABASE_URL", sqlite_settings.database_url)
    handlers, configured = logging.getLogger().handlers[:], structlog.get_config()

    def run(*arguments: str, typed: str = "") -> Printed:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return Printed(int(ended.value.code or 0), out, err)

    yield run
    logging.getLogger().handlers = handlers
    structlog.configure(**configured)


@pytest.fixture
def oncall(command: Oncall) -> Oncall:
    """Runs a command line on a database with alice, bob and carol in it."""
    assert command("apply", "-", typed=COMPANY).code == 0
    return command
