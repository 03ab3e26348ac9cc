"""After a login that ended under somebody's hands: the form that they had sent, to be sent now."""

from fastapi import APIRouter
from starlette.responses import Response

from oncall.auth.permissions import Permission
from web.edge import Page
from web.interrupted import AGAIN, COOKIE, interrupted
from web.pages.page import lead_to, show

router = APIRouter()


@router.get(AGAIN)
def again(edge: Page) -> Response:
    with edge.reading(Permission.LOOK) as caller:
        sent = interrupted(edge.request, edge.runtime.signer)
    if sent is None:
        return lead_to("/")
    steps = [part.replace("-", " ") for part in sent.address.strip("/").split("/")]
    response = show(edge, caller, "again.html", {"sent": sent, "steps": steps})
    response.delete_cookie(COOKIE)
    return response
