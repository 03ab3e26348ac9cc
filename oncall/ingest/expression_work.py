"""What the expressions of a key may cost: JMESPath doubles a list in eight characters, and has no bound of its own."""

from typing import Any

from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from jmespath.visitor import TreeInterpreter

MOST = 500_000
"""Steps, and parts of values, for one message: half a second or so. Mapping a hundred alerts takes ten thousand."""
CHARACTERS = 16
"""Of a text, that count as one part more."""


class TooMuchWork(JMESPathError):  # type: ignore[misc]
    def __str__(self) -> str:
        return f"it takes more than {MOST:,} steps"


class Work(TreeInterpreter):  # type: ignore[misc]
    """Evaluates all expressions of one message, until MOST is done.

    No value has more than MOST parts, the same part counted wherever it stands: whatever walks through a value, as
    to_string() and == do, ends soon. A list or object is looked at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = MOST
        self._measured: dict[int, tuple[object, int]] = {}
        """By id, which stays its own while we hold it."""

    def search(self, expression: ParsedResult, value: Any) -> Any:
        """Raises JMESPathError, and what else the library raises."""
        return self.visit(expression.parsed, value)

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._spend(1)
        value = super().visit(node, *args, **kwargs)
        self._parts(value)
        return value

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise TooMuchWork

    def _parts(self, value: Any) -> int:
        if isinstance(value, str):
            count = 1 + len(value) // CHARACTERS
        elif isinstance(value, list | dict):
            count = self._parts_inside(value)
        else:
            return 1
        if count > MOST:
            raise TooMuchWork
        return count

    def _parts_inside(self, value: list[Any] | dict[str, Any]) -> int:
        known = self._measured.get(id(value))
        if known is not None:
            return known[1]
        self._spend(len(value))
        count = 1 + sum(map(self._parts, value.values() if isinstance(value, dict) else value))
        self._measured[id(value)] = value, count
        return count
