"""JSON as the config file: to the same values as YAML would give, where numbers are the text that they are written as.

YAML's reader takes most JSON, but neither escaped surrogate pairs ("\\ud83d\\ude42") nor tabs between the parts.
"""

import json
from typing import Any

from oncall.errors import BadInput
from oncall.names import is_storable


class NotJson(ValueError):
    """The text may be YAML."""


def read_json(text: str, deepest: int) -> Any:
    """Maps, lists, texts, None, True and False. Raises NotJson, or BadInput for JSON that can't be used."""
    try:
        value = json.loads(text, object_pairs_hook=_map, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise NotJson from None
    _check(value, deepest)
    return value


def _map(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _bad(f"{key} is given twice")
        found[key] = value
    return found


def _check(value: Any, deepest: int) -> None:
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > deepest:
            raise _bad("nested too deeply")
        if isinstance(part, dict):
            waiting += [(inner, depth + 1) for pair in part.items() for inner in pair]
        elif isinstance(part, list):
            waiting += [(inner, depth + 1) for inner in part]
        elif isinstance(part, str) and not is_storable(part):
            raise _bad("holds a NUL character, or half of an escaped one")


def _bad(problem: str) -> BadInput:
    return BadInput("The file is not JSON that can be used", problems=[problem])
