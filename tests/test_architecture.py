"""The rules of this code that no linter knows. (Which package may import which: see importlinter in pyproject.toml.)"""

import ast
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from oncall.settings import Settings

ROOT = Path(__file__).parent.parent
OURS = ("oncall", "schedules", "notifiers", "web")
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50

Offence = tuple[int, str]
"""A line, and what is wrong there."""
Rule = Callable[[ast.Module], Iterator[Offence]]

CLOCKS = {
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    *(f"time.{name}" for name in ("localtime", "gmtime", "clock_gettime", "clock_gettime_ns")),
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"{package}.func.{name}" for package in ("sqlalchemy", "sqlmodel") for name in ("now", "current_timestamp")),
}


def reads_the_clock(tree: ast.Module) -> Iterator[Offence]:
    names = _imported_names(tree)
    for node in _nodes(tree):
        if isinstance(node, ast.Attribute | ast.Name) and (name := _full_name(node, names)) in CLOCKS:
            yield node.lineno, f"{name}: take `now` or a Clock (oncall/clock.py)"


def commits(tree: ast.Module) -> Iterator[Offence]:
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield node.lineno, "commit: flush, and let Database.transaction() commit"


def imports_inside_a_function(tree: ast.Module) -> Iterator[Offence]:
    for function in _functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno, f"import inside {function.name}: break the circle in its place"


def prints(tree: ast.Module) -> Iterator[Offence]:
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "print: log it, or return it to the command line"


def has_long_functions(tree: ast.Module) -> Iterator[Offence]:
    for function in _functions(tree):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > MOST_LINES_OF_A_FUNCTION:
            yield function.lineno, f"{function.name} has {lines} lines: look for the second concept in it"


LOADED_WHEN_NEEDED = (
    "notifiers/apprise.py",
    "notifiers/slack.py",
    "notifiers/slack_answer.py",
    "notifiers/slack_usergroups.py",
    "oncall/__main__.py",
    "oncall/absences/calendar_process.py",
    "oncall/cli/doctor.py",
    "oncall/cli/processes.py",
    "oncall/db/database.py",
    "oncall/ingest/html_text.py",
    "oncall/ingest/patterns.py",
    "oncall/ingest/sns_office.py",
    "oncall/rota/public_holidays.py",
    "oncall/running/runtime.py",
    "oncall/slack/socket.py",
)
"""Large libraries that most installations never use, and what a process would load for nothing; each file says why."""
RULES: list[tuple[Rule, tuple[str, ...], str]] = [
    # What is forbidden, where it is allowed, and a line that must be caught.
    (reads_the_clock, ("oncall/clock.py",), "from datetime import datetime as dt\nwhen = dt.now"),
    (reads_the_clock, ("oncall/clock.py",), "import time\ntime.monotonic()"),
    (reads_the_clock, ("oncall/clock.py",), "from time import perf_counter\nperf_counter()"),
    (reads_the_clock, ("oncall/clock.py",), "import sqlalchemy as sa\nsa.func.now()"),
    (commits, ("oncall/db/database.py",), "session.commit()"),
    (imports_inside_a_function, LOADED_WHEN_NEEDED, "def ack():\n    from oncall import db"),
    (prints, (), "print('paged')"),
    (has_long_functions, (), "def ack():\n" + "    pass\n" * MOST_LINES_OF_A_FUNCTION),
]


@pytest.mark.parametrize(("rule", "allowed"), {rule.__name__: (rule, allowed) for rule, allowed, _ in RULES}.values())
def test_no_file_breaks_the_rule(rule: Rule, allowed: tuple[str, ...]) -> None:
    files = [file for file in our_files() if not _path(file).startswith(allowed or ("-",))]

    assert [f"{_path(file)}:{line} {what}" for file in files for line, what in rule(_parsed(file))] == []


@pytest.mark.parametrize(("rule", "source"), [(rule, source) for rule, _, source in RULES])
def test_the_rule_catches_what_it_forbids(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source)))


def test_what_is_called_pure_is_held_to_it() -> None:
    """A module of `oncall` whose first word is “Pure” has a line in the contract of those that know no database."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (held,) = (set(each["source_modules"]) for each in contracts if each["type"] == "forbidden")
    pure = [file for file in our_files() if (ast.get_docstring(_parsed(file)) or "").startswith("Pure")]

    named = {_path(file).removesuffix(".py").replace("/", ".") for file in pure}
    assert {name for name in named if name.startswith("oncall.")} - held == set()


def test_files_are_short() -> None:
    lengths = {_path(file): len(file.read_text().splitlines()) for file in our_files()}

    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_files_are_named_for_what_they_hold() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}

    assert [_path(file) for file in our_files() if {file.stem, file.parent.name} & empty_words] == []


def test_the_migrations_folder_does_not_hide_the_library_of_its_name() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


A_PROCESS_ON_SQLITE = """
import sys, web.app, oncall.cli
from oncall.db.database import Database
from oncall.settings import load_settings
with Database(load_settings()).transaction() as session:
    session.connection()
print(*sys.modules)
"""


def test_a_process_loads_no_library_that_it_may_never_need(tmp_path: Path) -> None:
    begun = subprocess.run(
        [sys.executable, "-c", A_PROCESS_ON_SQLITE], cwd=tmp_path, capture_output=True, check=True, text=True
    )

    loaded = begun.stdout.split()
    seldom = {"alembic", "apprise", "cryptography", "holidays", "psycopg", "re2", "recurring_ical_events", "slack_sdk"}
    assert "fastapi" in loaded
    assert seldom.isdisjoint(loaded)


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_tests_are_run_on_the_versions_that_are_served() -> None:
    """Both locks hold the same versions of what running takes."""
    served, tested = _pins(ROOT / "requirements.lock"), _pins(ROOT / "requirements-dev.lock")

    assert served
    assert served <= tested


def test_a_test_reaches_nothing_but_this_machine() -> None:
    with (
        socket.socket() as connection,
        pytest.warns(UserWarning, match="allowed"),
        pytest.raises(SocketConnectBlockedError),
    ):
        connection.connect(("127.0.0.2", 9))  # loopback too, so that nothing leaves should the guard be gone


@cache
def our_files() -> list[Path]:
    return sorted(file for package in OURS for file in (ROOT / package).rglob("*.py"))


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), file)


@cache
def _nodes(tree: ast.Module) -> list[ast.AST]:
    """All of them. To find them takes longer than any rule that looks at them."""
    return list(ast.walk(tree))


def _path(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in _nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: {"dt": "datetime.datetime"}."""
    names = {}
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _full_name(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_full_name(node.value, names)}.{node.attr}"
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def _pins(lock: Path) -> set[str]:
    return {line.split(" ")[0] for line in lock.read_text().splitlines() if "==" in line and line[0] not in " #"}
