"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from oncall.auth import sessions
from oncall.auth.permissions import Permission
from oncall.auth.sign_ins import record_refusal, record_sign_in
from oncall.errors import Forbidden, NotSignedIn, OncallError, TooManyRequests, Unavailable
from oncall.models import User
from oncall.running.runtime import Runtime
from oncall.setup.first_run import nobody_is_here
from web.edge import COOKIE, Page, client_address
from web.errors import headers_of
from web.interrupted import AGAIN
from web.known_browser import known_as, remember
from web.same_site import is_ours, local_path
from web.templating import render

router = APIRouter()

WRONG = "The handle or the password is not right. Try again, or ask an admin to set a new password."
FORGOTTEN = {"Clear-Site-Data": '"cache"'}
"""Or “Back” would show what somebody who has signed out has seen to whoever has the phone next."""


@router.get("/login")
def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    with request.app.state.runtime.database.read() as session:
        if nobody_is_here(session):
            return RedirectResponse("/setup", status_code=303)
    return _form(request, local_path(next))


@router.post("/login")
def sign_in(
    request: Request,
    handle: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    check_same_site(request)
    handle, following = handle.strip(), local_path(next)
    try:
        user = identify(request, handle, password)
    except (NotSignedIn, TooManyRequests, Unavailable) as refused:
        return _form(request, following, handle, refused)
    return signed_in(request, user, following, "with a password")


@router.post("/logout")
def sign_out(edge: Page) -> Response:
    with edge.writing(Permission.LOOK) as caller:
        sessions.end(caller.session, edge.token)
    response = RedirectResponse("/login", status_code=303, headers=FORGOTTEN)
    response.delete_cookie(COOKIE)
    return response


def check_same_site(request: Request) -> None:
    """Nobody is signed in here by a form on somebody else's site (into the attacker's account, say)."""
    origin = request.headers.get("origin")
    if origin is not None and not is_ours(request, origin):
        raise Forbidden("This login was sent from another site. Open our own login page and try again.")


def identify(request: Request, handle: str, password: str) -> User:
    """Whose handle and password these are. Raises NotSignedIn, TooManyRequests or Unavailable.

    The password is checked between two transactions, since that is slow.
    """
    runtime: Runtime = request.app.state.runtime
    known = known_as(request, runtime.signer, handle)
    whence = known or client_address(request)
    with runtime.database.transaction() as session:
        try_id = sessions.begin_try(session, handle, whence, runtime.clock(), is_known=bool(known))
        user = sessions.find_login(session, handle)
    is_wrong = False
    try:
        is_wrong = not sessions.is_login(user, password)
    finally:
        if not is_wrong:
            with runtime.database.transaction() as session:
                sessions.end_try(session, try_id)
    if user is None or is_wrong:
        with runtime.database.transaction() as session:
            record_refusal(session, user, client_address(request), try_id, runtime.clock())
        raise NotSignedIn(WRONG)
    return user


def signed_in(request: Request, user: User, following: str, how: str) -> Response:
    """`how` they proved who they are, for the record."""
    runtime: Runtime = request.app.state.runtime
    hours, now = runtime.settings.session_hours, runtime.clock()
    with runtime.database.transaction() as session:
        token = sessions.begin(session, user, now, hours)
        record_sign_in(session, user, how, client_address(request), now)
    response = RedirectResponse(following, status_code=303)
    response.set_cookie(COOKIE, token, max_age=hours * 3600, httponly=True, samesite="lax")
    remember(response, runtime.signer, user.handle)
    return response


def _form(request: Request, following: str, handle: str = "", refused: OncallError | None = None) -> Response:
    problem = refused.detail if refused else ""
    context = {"next": following, "handle": handle, "problem": problem, "is_interrupted": following == AGAIN}
    if refused is None:
        return render(request, "login.html", context)
    return render(request, "login.html", context, status=refused.status, headers=headers_of(refused))
