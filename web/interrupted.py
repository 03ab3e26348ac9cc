"""A form that was sent after its login had ended: kept in a signed cookie until its sender has signed in again, and
given back to be copied where it is too long for one.
"""

from dataclasses import asdict, dataclass
from urllib.parse import quote

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from oncall.auth.signing import Signer
from oncall.errors import NotSignedIn
from web.cookies import packed, unpacked
from web.forms import read_form
from web.same_site import is_ours, page_before
from web.templating import render

COOKIE = "oncall_interrupted"
SECONDS = 600
PURPOSE = "interrupted"
AGAIN = "/again"
"""The page that asks whether to send it now."""
NEVER_KEPT = frozenset({"csrf", "password", "current", "new"})
"""Fields that hold what nobody but their owner should know."""
OVER = "Your login has ended, so nothing was done."
NEVER_AGAIN = frozenset({"/logout", "/me/password"})


@dataclass(frozen=True, slots=True)
class Interrupted:
    """`page`: where the form was."""

    address: str
    fields: list[tuple[str, str]]
    page: str


async def ask_to_sign_in(request: Request) -> Response:
    """Then lead to the form that was sent, or at least to its page."""
    page, address = page_before(request), request.url.path
    to_page = RedirectResponse(f"/login?next={quote(page)}", status_code=303)
    if address in NEVER_AGAIN or not is_ours(request, request.headers.get("origin", "")):
        return to_page  # what somebody else's page sends is not ours to offer
    form = await read_form(request)
    fields = [(name, str(value)) for name, value in form.multi_items() if name not in NEVER_KEPT]
    signer: Signer = request.app.state.runtime.signer
    content = packed(asdict(Interrupted(address, fields, page)))
    if not content:
        context = {"error": NotSignedIn(OVER), "fields": fields, "back": f"/login?next={quote(page)}"}
        return render(request, "typed.html", context, status=NotSignedIn.status)
    response = RedirectResponse(f"/login?next={AGAIN}", status_code=303)
    response.set_cookie(
        COOKIE, f"{signer.sign(PURPOSE, content)}.{content}", max_age=SECONDS, httponly=True, samesite="lax"
    )
    return response


def interrupted(request: Request, signer: Signer) -> Interrupted | None:
    """None when there is none, or it is not by us."""
    signature, _, content = request.cookies.get(COOKIE, "").partition(".")
    if not content or not signer.is_genuine(PURPOSE, content, signature):
        return None
    return Interrupted(**unpacked(content))
