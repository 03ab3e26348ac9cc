"""How large the statements are that go to a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import sqlalchemy as sa


@contextmanager
def sent_sizes(engine: sa.Engine) -> Iterator[list[int]]:
    """Of the parameters of each that is sent while the block lasts, by SQLAlchemy or by psycopg itself; of each row,
    where the driver takes many.
    """
    sizes: list[int] = []
    execute = psycopg.Connection.execute

    def note(*arguments: Any) -> None:
        parameters = arguments[3]
        sizes.extend(len(str(each)) for each in (parameters if isinstance(parameters, list) else [parameters]))

    def by_itself(connection: Any, statement: Any, parameters: Any = None, **options: Any) -> Any:
        sizes.append(len(str(parameters)))
        return execute(connection, statement, parameters, **options)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(psycopg.Connection, "execute", by_itself):
            yield sizes
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
