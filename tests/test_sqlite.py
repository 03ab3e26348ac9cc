"""How SQLite's file is opened."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from oncall.sqlite import write_ahead


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
