"""How SQLite's file is opened."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from oncall import sqlite


def test_two_that_open_a_new_file_at_once_both_can(tmp_path: Path) -> None:
    """Again and again: one in eight times the second would be refused."""
    together = Barrier(2)

    def opened(file: Path) -> str:
        engine = sqlite.make_engine(f"sqlite:///{file}", file)
        together.wait()
        with engine.connect() as connection:
            mode: str = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        engine.dispose()
        return mode

    with ThreadPoolExecutor(2) as both:
        for number in range(50):
            assert list(both.map(opened, [tmp_path / f"{number}.db"] * 2)) == ["wal", "wal"]
