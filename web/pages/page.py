"""What every page of somebody signed in has in common: showing it, and leading back to it after a form."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from fastapi import Request
from sqlalchemy.exc import IntegrityError
from starlette.responses import RedirectResponse, Response

from oncall.auth.permissions import Permission, is_allowed
from oncall.errors import BadInput, Conflict, NeedsConfirmation, TooManyRequests
from oncall.names import is_storable
from web.edge import Caller, PageEdge
from web.errors import translated
from web.templating import render

SAID = "oncall_said"
"""A cookie with what the next page says once: why something was refused, or that it is done."""

SAID_LENGTH = 400
"""Browsers drop a cookie of more than 4096 bytes, and a character can take nine of them."""

DRAFT = "oncall_draft"
"""A cookie with what was typed into a form that was refused, so that the next page shows it filled in. Not in the
address, which logs and histories keep."""

DRAFT_LENGTH = 3900


class NotDone(str):
    """What `work` says when it has kept something and yet did not reach its end: shown as a refusal is."""


def show(edge: PageEdge, caller: Caller, name: str, context: dict[str, Any], *, status: int = 200) -> Response:
    """Render a page for `caller`. A poll gets only its live part and leaves what is to be said to the whole page."""
    is_poll = "hx-request" in edge.request.headers
    said = None if is_poll else _said(edge.request)
    drafts = {} if is_poll else _drafts(edge.request)
    shared = {
        "me": caller.user,
        "zone": ZoneInfo(caller.user.timezone),
        "now": caller.now,
        "csrf": edge.csrf,
        "swaps_waiting": edge.swaps_waiting,
        "may": {permission.name for permission in Permission if is_allowed(caller.user, permission)},
        "layout": "live.html" if is_poll else "base.html",
        "said": said,
        "draft_of": lambda form: drafts.get(form, {}),
    }
    response = render(edge.request, name, shared | context, status=status)
    for cookie in {SAID, DRAFT} & edge.request.cookies.keys() if not is_poll else ():
        response.delete_cookie(cookie)
    return response


def carry_out(
    edge: PageEdge, permission: Permission, back: str, work: Callable[[Caller], str | None], *, form: str = ""
) -> Response:
    """Do what a form asks and lead back to `back`, which says what `work` gives, or why it was refused.

    `form`: the form's id, if what was typed is to be in it again after a refusal. Never for one with a password.
    What needs to be confirmed is asked about, by the same form with the field `confirm`.
    """
    try:
        with edge.writing(permission) as caller:
            done = work(caller)
    except NeedsConfirmation as question:
        return _ask(edge, back, question)
    except (BadInput, Conflict, TooManyRequests) as refused:
        return refuse(edge, back, refused.detail, form)
    except IntegrityError as error:
        lost = translated(error)
        if lost is None:
            raise
        return refuse(edge, back, lost.detail, form)
    return lead_to(back, done, refused=isinstance(done, NotDone))


def refuse(edge: PageEdge, back: str, why: str, form: str = "") -> Response:
    """Lead back and say why: to the form with this id, filled in as it was."""
    if not form:
        return lead_to(back, why, refused=True)
    response = lead_to(f"{back.partition('#')[0]}#{form}", why, refused=True)
    draft = {form: {name: str(value) for name, value in edge.form.items() if name != "csrf"}}
    if len(_packed(draft)) <= DRAFT_LENGTH:
        _keep_a_minute(response, DRAFT, draft)
    return response


def _ask(edge: PageEdge, back: str, question: NeedsConfirmation) -> Response:
    fields = [(name, value) for name, value in edge.form.multi_items() if name not in ("csrf", "confirm")]
    context = {"problems": question.problems, "address": edge.request.url.path, "fields": fields, "back": back}
    with edge.reading() as caller:
        return show(edge, caller, "confirm.html", context, status=question.status)


def lead_to(address: str, said: str | None = None, *, refused: bool = False) -> Response:
    response = RedirectResponse(address, status_code=303)
    if said:
        _keep_a_minute(response, SAID, {"text": said[:SAID_LENGTH], "refused": refused})
    return response


def _keep_a_minute(response: Response, cookie: str, content: object) -> None:
    response.set_cookie(cookie, _packed(content), max_age=60, httponly=True, samesite="lax")


def _packed(content: object) -> str:
    return quote(json.dumps(content), safe="")


def _unpacked(request: Request, cookie: str) -> dict[str, Any]:
    """Empty when it is not there, or not one of ours."""
    try:
        content = json.loads(unquote(request.cookies.get(cookie, "")))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _said(request: Request) -> dict[str, Any] | None:
    said = _unpacked(request, SAID)
    return said if said and is_storable(str(said.get("text", ""))) else None


def _drafts(request: Request) -> dict[str, dict[str, str]]:
    """By form, what was typed into each field."""
    return {
        form: {name: text for name, text in fields.items() if isinstance(text, str) and is_storable(text)}
        for form, fields in _unpacked(request, DRAFT).items()
        if isinstance(fields, dict)
    }


def back_to(*parts: object, fragment: str = "") -> str:
    """A path of our own, each part quoted: back_to("schedules", name)."""
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    return f"{path}#{fragment}" if fragment else path
