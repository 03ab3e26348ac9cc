"""What lets me in: my API tokens and my password."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import col, delete
from starlette.responses import Response

from oncall.auth import sessions, tokens
from oncall.auth.passwords import hash_password
from oncall.auth.permissions import Permission
from oncall.errors import BadInput, NotFound, NotSignedIn, TooManyRequests, Unavailable
from oncall.models import ApiToken, LoginSession
from web.edge import Caller, Page
from web.ids import Id
from web.pages.login import identify
from web.pages.me.me import my_access
from web.pages.page import carry_out, refuse, show

router = APIRouter(prefix="/me")

WRONG = "The current password is not right, so nothing was changed."


@router.post("/tokens")
def create_token(edge: Page, name: Annotated[str, Form()] = "") -> Response:
    """Answered with the page itself, since a token can be shown only now."""
    try:
        with edge.writing(Permission.ACT) as caller:
            _, token = tokens.create_token(caller.session, caller.user, name, caller.now)
            context = my_access(caller)
    except BadInput as refused:
        return refuse(edge, "/me/access", refused, form="add-token")
    return show(edge, caller, "me/my_access.html", context | {"new_token": token, "path": "/me/access"})


@router.post("/tokens/{token_id}/revoke")
def revoke_token(edge: Page, token_id: Id) -> Response:
    def work(caller: Caller) -> str:
        token = caller.session.get(ApiToken, token_id)
        if token is None or token.user_id != caller.user_id:
            raise NotFound("You have no such token.")
        token.revoked_at = token.revoked_at or caller.now
        caller.session.add(token)
        return f"“{token.name}” no longer works."

    return carry_out(edge, Permission.ACT, "/me/access#tokens", work)


@router.post("/password")
def change_password(edge: Page, current: Annotated[str, Form()] = "", new: Annotated[str, Form()] = "") -> Response:
    """Both passwords are worked on between two transactions, since that is slow."""
    edge.check_intent()
    with edge.reading() as known:
        handle = known.user.handle
    try:
        identify(edge.request, handle, current)
        hashed = hash_password(new)
    except NotSignedIn:
        return refuse(edge, "/me/access", BadInput(WRONG, field="current"), form="change-password")
    except BadInput as refused:
        return refuse(edge, "/me/access", BadInput(refused.detail, field="new"), form="change-password")
    except (TooManyRequests, Unavailable) as refused:
        return refuse(edge, "/me/access", refused, form="change-password")

    def work(caller: Caller) -> str:
        caller.user.password_hash = hashed
        caller.session.add(caller.user)
        _end_other_logins(caller, edge.token)
        return "Your password is changed. Every other login of yours has ended."

    return carry_out(edge, Permission.LOOK, "/me/access#password", work)


def _end_other_logins(caller: Caller, token: str) -> None:
    others = col(LoginSession.token_hash) != sessions.token_hash(token)
    caller.session.exec(delete(LoginSession).where(col(LoginSession.user_id) == caller.user_id, others))
