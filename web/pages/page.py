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


def show(edge: PageEdge, caller: Caller, name: str, context: dict[str, Any], *, status: int = 200) -> Response:
    """Render a page for `caller`. A poll gets only its live part and leaves what is to be said to the whole page."""
    is_poll = "hx-request" in edge.request.headers
    said = None if is_poll else _said(edge.request)
    shared = {
        "me": caller.user,
        "zone": ZoneInfo(caller.user.timezone),
        "now": caller.now,
        "csrf": edge.csrf,
        "swaps_waiting": edge.swaps_waiting,
        "may": {permission.name for permission in Permission if is_allowed(caller.user, permission)},
        "layout": "live.html" if is_poll else "base.html",
        "said": said,
    }
    response = render(edge.request, name, shared | context, status=status)
    if said:
        response.delete_cookie(SAID)
    return response


def carry_out(edge: PageEdge, permission: Permission, back: str, work: Callable[[Caller], str | None]) -> Response:
    """Do what a form asks and lead back to `back`, which says what `work` gives, or why it was refused.

    What needs to be confirmed is asked about, by the same form with the field `confirm`.
    """
    try:
        with edge.writing(permission) as caller:
            done = work(caller)
    except NeedsConfirmation as question:
        return _ask(edge, back, question)
    except (BadInput, Conflict, TooManyRequests) as refused:
        return lead_to(back, refused.detail, refused=True)
    except IntegrityError as error:
        lost = translated(error)
        if lost is None:
            raise
        return lead_to(back, lost.detail, refused=True)
    return lead_to(back, done)


def _ask(edge: PageEdge, back: str, question: NeedsConfirmation) -> Response:
    fields = [(name, value) for name, value in edge.form.multi_items() if name not in ("csrf", "confirm")]
    context = {"problems": question.problems, "address": edge.request.url.path, "fields": fields, "back": back}
    with edge.reading() as caller:
        return show(edge, caller, "confirm.html", context, status=question.status)


def lead_to(address: str, said: str | None = None, *, refused: bool = False) -> Response:
    response = RedirectResponse(address, status_code=303)
    if said:
        content = quote(json.dumps({"text": said[:SAID_LENGTH], "refused": refused}), safe="")
        response.set_cookie(SAID, content, max_age=60, httponly=True, samesite="lax")
    return response


def _said(request: Request) -> dict[str, Any] | None:
    try:
        said = json.loads(unquote(request.cookies.get(SAID, "")))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and is_storable(str(said.get("text", ""))) else None


def back_to(*parts: object, fragment: str = "") -> str:
    """A path of our own, each part quoted: back_to("schedules", name)."""
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    return f"{path}#{fragment}" if fragment else path
