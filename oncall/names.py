"""The config file's rules for names and numbers, for those that come in another way.

What the file can't hold must not be stored: it would make every export, plan and apply fail, for everybody.
"""

from collections.abc import Callable

from oncall.errors import BadInput


def checked(check: Callable[[str], str], text: str, field: str) -> str:
    """What `check`, of oncall.config.values, makes of `text`. Raises BadInput with its sentence."""
    try:
        return check(text.strip())
    except ValueError as error:
        said = error if text.strip() else "This must not be empty"
        raise BadInput(f"{said}.", field=field) from None


def is_storable(text: str) -> bool:
    """False for what no database keeps: NUL, and half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or text == text.encode(errors="ignore").decode())
