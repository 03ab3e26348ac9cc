"""What browsers and providers post: small, without files, and nothing in it that a database can't keep."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from oncall.errors import BadInput
from oncall.names import is_storable

LARGEST_BODY = 64_000
"""Bytes."""
MOST_FILES = 0


async def read_form(request: Request) -> FormData:
    """Empty for a request that has none. Raises BadInput."""
    if request.method in ("GET", "HEAD"):
        return FormData()
    try:
        form = await request.form(max_files=MOST_FILES)
    except ValueError:  # of the parser, or of a charset that the sender names
        raise BadInput("The form can't be read. Reload the page and try again.") from None
    for name, value in form.multi_items():
        if not isinstance(value, str) or not is_storable(name) or not is_storable(value):
            raise BadInput("The form holds a file, a NUL or a broken character.")
    return form


SentForm = Annotated[FormData, Depends(read_form)]
