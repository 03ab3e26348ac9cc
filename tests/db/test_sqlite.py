"""How SQLite's file is opened."""

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oncall.db.database import Database
from oncall.db.sqlite import Turns, write_ahead
from oncall.settings import Settings


def test_a_new_file_is_nobody_elses_to_read_and_one_that_is_there_stays_as_it_is(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "new.db"
    settings = sqlite_settings.model_copy(update={"database_url": f"sqlite:///{file}"})
    before = os.umask(0o022)
    try:
        for mode in (0o600, 0o640):
            with closing(Database(settings)) as database, database.transaction() as session:
                session.execute(sa.text("CREATE TABLE IF NOT EXISTS t (x)"))
                assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("new.db*")} == {mode}
            file.chmod(0o640)
    finally:
        os.umask(before)


def test_a_new_file_is_opened_while_somebody_writes_to_it(tmp_path: Path) -> None:
    """SQLite refuses to turn it to WAL meanwhile, at once, whatever the busy time-out."""
    file = tmp_path / "new.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as first, closing(sqlite3.connect(file)) as second:
        first.execute("BEGIN IMMEDIATE")
        first.execute("CREATE TABLE made (x)")

        class Refused(sqlite3.Cursor):
            def execute(self, *asked: Any) -> sqlite3.Cursor:
                try:
                    return super().execute(*asked)
                except sqlite3.OperationalError:
                    first.execute("COMMIT")
                    raise

        write_ahead(second.cursor(Refused))

        assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_events_wait_for_one_of_those_whom_people_keep_waiting_and_these_for_one_of_events() -> None:
    turns, order = Turns(), list[str]()

    def take(is_often: bool) -> None:
        with turns.turn(is_often=is_often):
            order.append("event" if is_often else "person")

    threads = [threading.Thread(target=take, args=(is_often,)) for is_often in (False, False, False, True, True, True)]
    with turns.turn(is_often=True):
        for count, thread in enumerate(threads, 1):
            thread.start()
            while sum(map(len, turns._lines)) < count:
                pass
    for thread in threads:
        thread.join()

    assert order == ["person", "event", "person", "event", "person", "event"]
