"""`oncall …` as a terminal has it: what was typed, what was printed, and the exit code."""

import io
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from oncall.cli import main
from oncall.clock import system_clock
from oncall.settings import Settings
from tests.conftest import Contents
from tests.web.api.conftest import COMPANY

APPLIED = Contents(system_clock(), (COMPANY,))
"""As by `oncall apply`, which goes by the true clock."""


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
def oncall(command: Oncall, sqlite_settings: Settings, sqlite_holding: Callable[[Contents], Path]) -> Oncall:
    """Runs a command line on a database with alice, bob and carol in it."""
    shutil.copy(sqlite_holding(APPLIED), sqlite_settings.sqlite_file)
    return command
