"""What the next page says once; a form that was refused, as it was filled in, with what is wrong beside its field.

Both are cookies that live for a minute, not in the address, which logs and histories keep.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from oncall.names import is_storable
from web.cookies import packed, unpacked
from web.interrupted import NEVER_KEPT

SAID = "oncall_said"
SAID_LENGTH = 400
DRAFT = "oncall_draft"


@dataclass(slots=True)
class Said:
    """`form` and `field`: what it is about, when a form was refused for one of its fields."""

    text: str
    refused: bool = False
    form: str = ""
    field: str = ""
    is_beside_its_field: bool = False
    """Then it is not said at the top of the page as well."""


class Draft(dict[str, str]):
    """What was typed into each field of a form; empty unless the form was refused."""

    def __init__(self, form: str, typed: Iterable[tuple[str, str]], said: Said | None) -> None:
        self._typed = list(typed)
        super().__init__(self._typed)
        self.form = form
        self._said = said if said and said.form == form else None

    def __bool__(self) -> bool:
        return bool(len(self) or self._said)

    def id_of(self, name: str) -> str:
        return field_id(self.form, name)

    def has(self, name: str, value: str) -> bool:
        """Whether this box was ticked, of several with one name."""
        return (name, value) in self._typed

    def wrong(self, name: str) -> str:
        """What is wrong with this field. Whoever asks says it there."""
        if self._said is None or self._said.field != name:
            return ""
        self._said.is_beside_its_field = True
        return self._said.text


class Drafts:
    """Those that a request brings, by the form's id."""

    def __init__(self, request: Request, said: Said | None) -> None:
        self._typed = _unpacked(request, DRAFT)
        self._said = said

    def __call__(self, form: str) -> Draft:
        return Draft(form, _pairs(self._typed.get(form)), self._said)


def field_id(form: str, name: str) -> str:
    """The id that a form's field has on its page."""
    return f"{form}-{name}".replace(" ", "-")


def said_to(request: Request) -> Said | None:
    """None when nothing is, or it is not one of ours."""
    said = _unpacked(request, SAID)
    words = [said.get(name, "") for name in ("text", "form", "field")]
    if not said or not all(isinstance(word, str) and is_storable(word) for word in words):
        return None
    text, form, field = words
    return Said(text, bool(said.get("refused")), form, field)


def keep_said(response: Response, said: Said) -> None:
    content = {"text": said.text[:SAID_LENGTH], "refused": said.refused, "form": said.form, "field": said.field}
    _keep_a_minute(response, SAID, packed(content))


def keep_draft(response: Response, form: str, sent: FormData) -> bool:
    """Whether it fits into a cookie."""
    text = packed({form: typed_in(sent)})
    if text:
        _keep_a_minute(response, DRAFT, text)
    return bool(text)


def typed_in(sent: FormData) -> list[tuple[str, str]]:
    """By the names of fields, without passwords and the like."""
    return [(name, str(value)) for name, value in sent.multi_items() if name not in NEVER_KEPT]


def forget(request: Request, response: Response) -> None:
    for cookie in {SAID, DRAFT} & request.cookies.keys():
        response.delete_cookie(cookie)


def _keep_a_minute(response: Response, cookie: str, text: str) -> None:
    response.set_cookie(cookie, text, max_age=60, httponly=True, samesite="lax")


def _pairs(typed: object) -> Iterator[tuple[str, str]]:
    """Those that are names and texts, as ours are."""
    for pair in typed if isinstance(typed, list) else ():
        match pair:
            case [str(name), str(text)] if is_storable(name) and is_storable(text):
                yield name, text


def _unpacked(request: Request, cookie: str) -> dict[str, Any]:
    """Empty when it is not there, or not one of ours."""
    content = unpacked(request.cookies.get(cookie, ""))
    return content if isinstance(content, dict) else {}
