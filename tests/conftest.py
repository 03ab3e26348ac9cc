"""What every test can ask for: settings and a migrated database, SQLite and PostgreSQL, and a free port."""

import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest
import structlog
from xdist.remote import Producer

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.schema import migrate
from oncall.settings import Settings
from tests import compiled_once
from tests.memory import quick_folder
from tests.postgres import TEMPLATE, PostgresServer, running_server
from tests.sharing import Shares, place_of

SECRET_KEY = "a secret that only the tests know"
MOST_WORKERS = 7
"""More would wait for the longest file, each with half a GB."""

compiled_once.share()

# SQLite waits for the disk at each commit, and a run writes gigabytes.
if folder := quick_folder():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)

# By default a traceback shows every local of every frame: seconds for each, in the middle of a transaction.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])

SOME, FUZZ = "some", "fuzz"
"""Profiles of Hypothesis: what every run tries, other examples each time, and what takes minutes (`make fuzz`)."""
hypothesis.settings.register_profile(SOME, max_examples=50, deadline=None)
hypothesis.settings.register_profile(FUZZ, max_examples=1_000, deadline=None)
hypothesis.settings.load_profile(SOME)

# The developer's own settings must not reach a test, nor the processes that it starts.
for name in [name for name in os.environ if name.startswith("ONCALL_")]:
    del os.environ[name]


def make_settings(database_url: str, **others: object) -> Settings:
    """Settings that read no `.env` file."""
    return Settings(_env_file=None, database_url=database_url, secret_key=SECRET_KEY, **others)  # type: ignore


@cache
def _read_once(**others: object) -> Settings:
    return make_settings("sqlite:///oncall.db", **others)


def sqlite_settings_of(file: Path | str, **others: object) -> Settings:
    """To read the environment anew for each test takes longer than to make its database."""
    return _read_once(**others).model_copy(update={"database_url": f"sqlite:///{file}"})


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL whose database TEMPLATE is migrated."""
    with running_server() as server:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate.upgrade(make_settings(server.url(TEMPLATE)))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = make_settings(f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/template.db")
    migrate.upgrade(settings)
    return settings.sqlite_file


class Contents(NamedTuple):
    """What a database holds from the start: configs, applied one after another at a moment."""

    at: datetime
    configs: tuple[str, ...]

    def put_into(self, settings: Settings) -> None:
        database = Database(settings)
        for config in self.configs:
            with database.transaction() as session:
                apply(session, load(config), self.at, confirm=True)
        database.close()


@pytest.fixture
def contents() -> Contents | None:
    """What the databases of a module's tests hold from the start: for the module to say."""
    return None


@pytest.fixture(scope="session")
def sqlite_holding(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Contents | None], Path]:
    """A migrated SQLite file to copy, made once for each content."""

    @cache
    def made(contents: Contents | None) -> Path:
        if contents is None:
            return sqlite_template
        file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("holding") / "oncall.db"))
        contents.put_into(make_settings(f"sqlite:///{file}"))
        return file

    return made


@pytest.fixture(scope="session")
def postgres_holding(postgres: PostgresServer) -> Callable[[Contents | None], str]:
    """The name of a migrated PostgreSQL database to copy, made once for each content."""
    number = count(1)

    @cache
    def made(contents: Contents | None) -> str:
        if contents is None:
            return TEMPLATE
        name = f"{TEMPLATE}_{next(number)}"
        postgres.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        contents.put_into(make_settings(postgres.url(name)))
        return name

    return made


@pytest.fixture
def sqlite_settings(
    sqlite_holding: Callable[[Contents | None], Path], contents: Contents | None, tmp_path: Path
) -> Settings:
    """A migrated SQLite file of this test's own."""
    file = shutil.copy(sqlite_holding(contents), tmp_path / "oncall.db")
    return sqlite_settings_of(file)


@pytest.fixture
def postgres_settings(
    postgres: PostgresServer, postgres_holding: Callable[[Contents | None], str], contents: Contents | None
) -> Iterator[Settings]:
    """A migrated PostgreSQL database of this test's own."""
    with postgres.database(postgres_holding(contents)) as url:
        yield make_settings(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """The test runs twice: on SQLite and on PostgreSQL."""
    wanted = "sqlite_settings" if request.param == "sqlite" else "postgres_settings"
    chosen: Settings = request.getfixturevalue(wanted)
    return chosen


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def begins_with() -> Contents | None:
    """What `lasting` holds: for the module to say."""
    return None


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting(
    request: pytest.FixtureRequest, begins_with: Contents | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The module's own, on SQLite and on PostgreSQL, where each test throws away what it changes (`Database.trial`)."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = request.getfixturevalue("sqlite_holding")(begins_with)
            settings = sqlite_settings_of(shutil.copy(file, tmp_path_factory.mktemp("lasting") / "oncall.db"))
        else:
            holding = request.getfixturevalue("postgres_holding")(begins_with)
            server: PostgresServer = request.getfixturevalue("postgres")
            settings = make_settings(stack.enter_context(server.database(holding)))
        yield stack.enter_context(closing(Database(settings)))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Like `settings`, before any migration."""
    if request.param == "sqlite":
        yield make_settings(f"sqlite:///{tmp_path}/empty.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield make_settings(url)


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives a TCP port on 127.0.0.1 that nothing listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell a count or a time that was seen; it is shown at the end of the run."""

    def tell(text: str) -> None:
        record_property("figure", text)

    return tell


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="scenarios of tests/chaos in their long form")
    parser.addoption("--minutes", type=float, default=1.0, help="how long the provider fails in the long form")


def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto`: one more than there are processors, since one waits for browsers. Each has its own PostgreSQL."""
    return min(os.cpu_count() or 1, MOST_WORKERS) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is marked `long` is for `make chaos` alone."""
    items.sort(key=lambda item: place_of(item.nodeid))
    if not config.getoption("--long"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares | None:
    """Unless `--dist` asks for something else."""
    if config.getoption("dist") != "load":
        return None
    config.option.loadscopereorder = False  # the order is ours
    return Shares(config, log)


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether a scenario may take minutes (`make chaos`), not seconds (`make test`)."""
    return bool(request.config.getoption("--long"))


def _figures(reporter: pytest.TerminalReporter) -> list[str]:
    reports = [report for report in reporter.stats.get("passed", []) if report.when == "call"]
    return [str(value) for report in reports for name, value in report.user_properties if name == "figure"]


def _skipped(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    return reporter.stats.get("skipped", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the figures that tests saw, and names every skipped test: a run without them is not a whole one."""
    if figures := _figures(terminalreporter):
        terminalreporter.section("seen")
        terminalreporter.write_line("\n".join(figures))
    skipped = _skipped(terminalreporter)
    if not skipped:
        return
    terminalreporter.section("not run")
    for report in skipped:
        _, _, reason = report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, str(report.longrepr))
        terminalreporter.line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    if os.environ.get("CI") == "true":
        terminalreporter.line("CI=true: a skipped test fails the run.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and isinstance(reporter, pytest.TerminalReporter) and _skipped(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """One collection in place of five, in each worker: pytest looks now for exceptions that nobody has seen."""
    gc.collect()
    gc.freeze()
