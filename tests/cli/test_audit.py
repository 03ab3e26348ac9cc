"""What is done by commands is on record, too."""

from oncall.db.database import Database
from oncall.settings import Settings
from oncall.setup.audit import list_audit
from tests.cli.conftest import Oncall


def test_an_operator_is_named_for_what_commands_change(oncall: Oncall, sqlite_settings: Settings) -> None:
    oncall("user", "add", "dora", "Dora Diaz")
    database = Database(sqlite_settings)

    with database.read() as session:
        (row,) = list_audit(session, 10, text="dora")

    assert (row.by, row.entry.via, row.entry.what) == (
        "an operator",
        "on the command line",
        "person dora: made, role user",
    )
    database.close()
