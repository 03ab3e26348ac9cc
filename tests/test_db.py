"""What the database layer keeps to itself."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from oncall.db import Database


def test_what_was_to_be_stored_is_not_told_in_an_error(database: Database) -> None:
    """Phone numbers are among it, and errors are logged."""
    with pytest.raises(DBAPIError) as error, database.read() as session:
        session.execute(sa.text("SELECT * FROM no_such_table WHERE address = :address"), {"address": "+12025550101"})

    assert "+12025550101" not in str(error.value)
