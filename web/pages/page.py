"""What every page of somebody signed in has in common: showing it, and leading back to it after a form."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sqlalchemy.exc import IntegrityError
from starlette.responses import RedirectResponse, Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput, Conflict, NeedsConfirmation, OncallError, TooManyRequests
from web.edge import Caller, PageEdge
from web.errors import translating
from web.pages.drafts import Drafts, Said, field_id, forget, keep_draft, keep_said, said_to, typed_in
from web.reader import as_reader
from web.templating import render

CALLED_IN_FORMS = {
    "user": "person",
    "user_id": "person",
    "pieces[0].start": "start",
    "pieces[0].end": "end",
}
"""Where forms have another name for a field than the error that names it."""


class NotDone(str):
    """What `work` says when it has kept something and yet did not reach its end: shown as a refusal is."""


def show(edge: PageEdge, caller: Caller, name: str, context: dict[str, Any], *, status: int = 200) -> Response:
    """Render a page for `caller`. A poll gets only its live part and leaves what is to be said to the whole page."""
    is_poll = "hx-request" in edge.request.headers
    said = None if is_poll else said_to(edge.request)
    shared = {
        **as_reader(caller.user, edge.swaps_waiting, caller.now),
        "csrf": edge.csrf,
        "layout": "live.html" if is_poll else "base.html",
        "said": said,
        "draft_of": Drafts(edge.request, said),
    }
    response = render(edge.request, name, shared | context, status=status)
    if not is_poll:
        forget(edge.request, response)
    return response


def carry_out(
    edge: PageEdge,
    permission: Permission,
    back: str,
    work: Callable[[Caller], str | None],
    *,
    form: str = "",
    then: str = "",
) -> Response:
    """Do what a form asks and lead back to `back`, which says what `work` gives, or why it was refused.

    `then`: where it leads once it is done, if `back` is gone with it.
    `form`: the form's id, if what was typed is to be in it again after a refusal, with what is wrong beside its field.
    What needs to be confirmed is asked about, by the same form with the field `confirm`.
    """
    try:
        with translating(IntegrityError), edge.writing(permission) as caller:
            done = work(caller)
    except NeedsConfirmation as question:
        return ask(edge, back, question)
    except (BadInput, Conflict, TooManyRequests) as refused:
        return refuse(edge, back, refused, form)
    return lead_to(then or back, done, refused=isinstance(done, NotDone))


def refuse(edge: PageEdge, back: str, why: OncallError, form: str = "") -> Response:
    """Lead back and say why: to the form with this id, filled in as it was, and in it to the field that is wrong."""
    if not form:
        return lead_to(back, why.detail, refused=True)
    field = _field_of(edge, why)
    place = field_id(form, field) if field else form  # browsers scroll to it, and set the focus there
    response = _lead_to(back.partition("#")[0] + f"#{place}", Said(why.detail, True, form, field))
    return response if keep_draft(response, form, edge.form) else _too_long(edge, back, why)


def _too_long(edge: PageEdge, back: str, why: OncallError) -> Response:
    """What does not fit into a cookie is given back to be copied."""
    context = {"error": why, "fields": typed_in(edge.form), "back": back}
    with edge.reading() as caller:
        return show(edge, caller, "typed.html", context, status=why.status)


def _field_of(edge: PageEdge, why: OncallError) -> str:
    """The field that an error names, if the form has it."""
    named = why.field or ""
    return next((name for name in (named, CALLED_IN_FORMS.get(named)) if name and name in edge.form), "")


def ask(edge: PageEdge, back: str, question: NeedsConfirmation) -> Response:
    """Show what a form would make worse, and the same form with a confirmation."""
    fields = [(name, value) for name, value in edge.form.multi_items() if name not in ("csrf", "confirm")]
    context = {"problems": question.problems, "address": edge.request.url.path, "fields": fields, "back": back}
    with edge.reading() as caller:
        return show(edge, caller, "confirm.html", context, status=question.status)


def lead_to(address: str, said: str | None = None, *, refused: bool = False) -> Response:
    return _lead_to(address, Said(said, refused) if said else None)


def _lead_to(address: str, said: Said | None) -> Response:
    response = RedirectResponse(address, status_code=303)
    if said:
        keep_said(response, said)
    return response


def back_to(*parts: object, fragment: str = "") -> str:
    """A path of our own, each part quoted: back_to("schedules", name)."""
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    return f"{path}#{fragment}" if fragment else path
