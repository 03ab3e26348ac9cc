"""How large the statements are that go to a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def sent_sizes(engine: sa.Engine) -> Iterator[list[int]]:
    """Of the parameters of each that is sent while the block lasts; of each row, where the driver takes many."""
    sizes: list[int] = []

    def note(*arguments: Any) -> None:
        parameters = arguments[3]
        sizes.extend(len(str(each)) for each in (parameters if isinstance(parameters, list) else [parameters]))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sizes
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
