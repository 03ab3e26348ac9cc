"""JMESPath (https://jmespath.org/specification.html) on messages: checked before it is kept, bounded when it is used.

An expression that begins with `$` is about the whole message, also where another one picks several parts of it.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from oncall.ingest.expression_work import Work
from oncall.ingest.reading import BadEvent

LONGEST = 1_000
"""Characters of an expression."""
MOST_PARTS = 50_000
"""Of a result: an expression can name the same part again and again, and each copy would be stored."""
_FAILS = (JMESPathError, ArithmeticError, TypeError, RecursionError)
"""How the library fails on data that an expression does not fit. (JMESPathError is a ValueError.)"""


def problem_in(expression: str) -> str:
    """What is wrong with an expression whatever the message, in a sentence; empty when nothing is."""
    if len(expression) > LONGEST:
        return f"is longer than {LONGEST:,} characters"
    try:
        parsed = jmespath.compile(_inner(expression)).parsed
    except (*_FAILS, ValueError) as error:
        return f"is no JMESPath: {_line(error)}"
    return next(_wrong_calls(parsed), "")


def evaluate(name: str, expression: str, part: Any, whole: Any, work: Work) -> Any:
    """What the option `name` gives for `part` of `whole`; `work` is all that may be done for this message.

    Raises BadEvent where it can't be had.
    """
    try:
        value = work.search(jmespath.compile(_inner(expression)), whole if expression.startswith("$") else part)
    except (*_FAILS, ValueError) as error:
        raise BadEvent([f"the option {name} does not fit this message: {_line(error)}"]) from None
    problem = _problem_with(value)
    if problem:
        raise BadEvent([f"what the option {name} makes of this message {problem}"])
    return value


def _inner(expression: str) -> str:
    return (expression[1:].lstrip(".") or "@") if expression.startswith("$") else expression


def _line(error: BaseException) -> str:
    """Without the expression and the arrow below it, which points nowhere once all is on one line."""
    said = str(error).partition(":\n")[0].removesuffix(", for expression")
    return " ".join(said.split())[:200]


def _wrong_calls(node: Mapping[str, Any]) -> Iterator[str]:
    """The library finds these only when it gets there, which a message in a hurry is too late for."""
    if node["type"] == "function_expression":
        function = Functions.FUNCTION_TABLE.get(node["value"])
        if function is None:
            yield f"calls {node['value']}(), which JMESPath does not have"
        elif not _takes(function["signature"], len(node["children"])):
            yield f"calls {node['value']}() with {len(node['children'])} arguments"
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _wrong_calls(child)


def _takes(signature: Any, count: int) -> bool:
    is_variadic = bool(signature) and signature[-1].get("variadic", False)
    return count >= len(signature) if is_variadic else count == len(signature)


def _problem_with(value: Any) -> str:
    waiting, parts = [value], 0
    while waiting:
        part = waiting.pop()
        parts += 1
        if parts > MOST_PARTS:
            return f"has more than {MOST_PARTS:,} parts"
        if isinstance(part, float) and not math.isfinite(part):
            return "is a number that is too large"
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return ""
