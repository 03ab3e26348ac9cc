"""The numbers that pages come from, to be saved as a contact that a phone lets through."""

from fastapi import APIRouter
from starlette.responses import Response

from oncall.delivery.our_card import our_addresses, our_card
from oncall.errors import NotFound
from web.edge import Page

router = APIRouter(prefix="/me")


@router.get("/oncall.vcf")
def card(edge: Page) -> Response:
    with edge.reading():
        settings = edge.runtime.settings
    if our_addresses(settings) == ([], ""):
        raise NotFound("There is no number or address yet that pages come from. An admin sets up Twilio or email.")
    headers = {"Content-Disposition": 'attachment; filename="oncall.vcf"', "Cache-Control": "private, no-cache"}
    return Response(our_card(settings), media_type="text/vcard; charset=utf-8", headers=headers)
