"""Numbers of alerts and other rows, as an address or a form has them."""

from typing import Annotated

from fastapi import Path

LARGEST = 2**31 - 1
"""What the databases can be asked for; a larger one is nothing's number."""

Id = Annotated[int, Path(ge=1, le=LARGEST)]


def read_id(text: str) -> int | None:
    """None for what is no number of ours."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))
    return int(text) if is_number and 1 <= int(text) <= LARGEST else None
