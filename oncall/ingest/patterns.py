"""Regular expressions that people set, matched by RE2: in time that grows with the text, whatever the expression.

Python's own can take years over a line of text, and would hold up everybody's events. RE2 is loaded with the first
expression, for the memory it takes.
"""

from functools import lru_cache
from typing import Any

LONGEST = 500
"""Characters of an expression."""
MOST_MEMORY = 1 << 20
"""Bytes that an expression may take: enough for any that a person writes."""


def problem_in_pattern(pattern: str) -> str:
    """What is wrong with it, in a sentence; empty when nothing is."""
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST:,} characters"
    import re2

    try:
        _compiled(pattern)
    except re2.error as error:
        said = error.args[0] if error.args else b""
        return f"is no regular expression of RE2: {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return ""


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` is somewhere in `text`, in capitals or not."""
    return _compiled(pattern).search(text) is not None


def found(pattern: str, text: str) -> str:
    """What its first group, or all of it, matches in `text`; empty where nothing does."""
    match = _compiled(pattern).search(text)
    if match is None:
        return ""
    return (match.group(1) if match.re.groups else match.group(0)) or ""


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    return re2.compile(pattern, options)
