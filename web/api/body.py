"""What every operation reads and answers the same way: bodies, times, numbers in paths, lists and problems."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from oncall.errors import BadInput
from oncall.moments import EXAMPLE, read_moment
from oncall.names import is_storable
from web import ids

Item = TypeVar("Item")

DEEPEST = 40
"""Levels of nesting in a body."""


class Listing(BaseModel, Generic[Item]):
    """One page of a list. Send `next` as `cursor` for what follows; null says that this is all."""

    items: list[Item]
    next: str | None = None


class Body(BaseModel):
    """What is sent. A field that is not known is refused, since a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _is_storable(cls, data: Any) -> Any:
        """Refuses what is no JSON, and what JSON may hold and a database can't."""
        if isinstance(data, str | bytes):
            raise PydanticCustomError("json", "Send JSON, with the header “Content-Type: application/json”")
        waiting = [(data, 0)]
        while waiting:
            value, depth = waiting.pop()
            if depth > DEEPEST:
                raise PydanticCustomError("deep", "The body is nested too deeply")
            if isinstance(value, dict):
                waiting += [(part, depth + 1) for pair in value.items() for part in pair]
            elif isinstance(value, list):
                waiting += [(part, depth + 1) for part in value]
            elif isinstance(value, str) and not is_storable(value):
                raise PydanticCustomError("text", "The body holds a NUL or a broken character")
        return data


def _moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    try:
        return read_moment(str(value))
    except BadInput as error:
        raise PydanticCustomError("moment", "{sentence}", {"sentence": error.detail}) from None


Moment = Annotated[datetime, BeforeValidator(_moment), Field(description=f"With its zone: {EXAMPLE}.")]
Id = ids.Id
After = Annotated[int | None, Query(alias="cursor", ge=1, le=ids.LARGEST, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="The most items in one answer.")]


CONFIRM = (
    "Do it even if nobody would be on call, somebody twice at once, with too little rest, or who can't be paged, "
    "which is refused else."
)
Confirm = Annotated[bool, Query(description=CONFIRM)]


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    errors: list[str] | None = None


CONTENT = {"application/problem+json": {"schema": Problem.model_json_schema()}}
SAID = {
    400: "What was sent can't be used; `detail` says why, `errors` lists every fault",
    401: "No token, or one that is not known",
    403: "The role of the token's owner does not allow it",
    404: "There is no such thing",
    409: "The thing is in a state in which this can't be done",
    413: "The body is too large",
    422: "The form of what was sent is wrong; `errors` lists every fault",
    429: "Too often: wait for the seconds in Retry-After",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation that goes wrong, for OpenAPI."""
    return {status: {"description": SAID[status], "content": CONTENT} for status in statuses}


EVERYWHERE = problems(400, 401, 403, 422)


def whole(items: list[Item]) -> Listing[Item]:
    """A list that is never long enough to need pages."""
    return Listing[Item](items=items)


def page(items: list[Item], limit: int, last: object) -> Listing[Item]:
    """`items` of a query that asked for `limit`; `last` is the cursor after them."""
    return Listing[Item](items=items, next=str(last) if len(items) == limit else None)
