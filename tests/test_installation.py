"""The installation's row is there before anybody reads it."""

from oncall.db import Database
from oncall.models import Installation
from oncall.runtime import build_runtime
from oncall.settings import Settings


def test_it_is_written_at_the_start_and_not_by_readers(settings: Settings) -> None:
    runtime = build_runtime(settings, with_engine=False)
    runtime.database.close()

    database = Database(settings)
    with database.read() as session:
        assert session.get(Installation, 1) is not None
    database.close()
