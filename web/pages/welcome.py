"""By an invitation's link: somebody chooses a password, and is signed in.

The address itself is the secret that lets somebody act, as that of a page's answer is.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from oncall.auth.invitations import invited
from oncall.auth.passwords import SHORTEST, hash_password
from oncall.errors import BadInput
from oncall.models import User
from oncall.people.people import set_password
from oncall.running.runtime import Runtime
from oncall.setup.audit import Acting, act
from web.pages.alerts.answer import SECRET
from web.pages.login import check_same_site, signed_in
from web.templating import render

router = APIRouter(prefix="/welcome/{token}")

HEADERS = SECRET | {"Referrer-Policy": "same-origin"}
"""With “no-referrer” browsers send forms with the Origin “null”, which `check_same_site` refuses."""


@router.get("")
def ask(request: Request, token: str) -> Response:
    runtime: Runtime = request.app.state.runtime
    with runtime.database.read() as session:
        user = invited(session, runtime.signer, token, runtime.clock())
    return _form(request, user)


@router.post("")
def choose(request: Request, token: str, password: Annotated[str, Form()] = "") -> Response:
    """The password is hashed between two transactions, since that is slow."""
    check_same_site(request)
    runtime: Runtime = request.app.state.runtime
    with runtime.database.read() as session:
        user = invited(session, runtime.signer, token, runtime.clock())
    try:
        hashed = hash_password(password)
    except BadInput as refused:
        return _form(request, user, refused)
    with runtime.database.transaction() as session:
        now = runtime.clock()
        user = invited(session, runtime.signer, token, now)  # used meanwhile, maybe
        act(session, Acting(user.id, "by an invitation", now))
        set_password(session, user, hashed)
    return signed_in(request, user, "/me", "by an invitation")


def _form(request: Request, user: User, refused: BadInput | None = None) -> Response:
    context = {"user": user, "problem": refused.detail if refused else "", "shortest": SHORTEST}
    return render(request, "welcome.html", context, status=refused.status if refused else 200, headers=HEADERS)
