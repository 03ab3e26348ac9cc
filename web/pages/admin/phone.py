"""The demo's Phone: each text and call as the person would get it, and a way to answer. Takes a provider's place."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form
from sqlmodel import col, select
from starlette.responses import Response

from notifiers.twilio_twiml import HELP, KEYS
from oncall.auth.permissions import Permission
from oncall.delivery import replies
from oncall.errors import BadInput, NotFound
from oncall.models import Delivery, User
from web.edge import Caller, Page
from web.ids import Id
from web.pages.admin.conversations import CALL, conversations
from web.pages.page import carry_out, show

router = APIRouter(prefix="/phone")

SPOKEN = {key for key, action in KEYS.items() if action in replies.DO}


@router.get("")
def phone(edge: Page, person: str = "") -> Response:
    with edge.reading() as caller:
        shown = conversations(caller.session, caller.now, person)
        statement = select(User).where(col(User.retired_at).is_(None)).order_by(col(User.name))
        context = {"conversations": shown, "person": person, "people": caller.session.exec(statement).all()}
    return show(edge, caller, "admin/phone.html", context)


@router.post("/texts")
def text(
    edge: Page,
    address: Annotated[str, Form()],
    kind: Annotated[str, Form()] = "sms",
    text: Annotated[str, Form()] = "",
    person: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> None:
        if not text.strip():
            raise BadInput("Type an answer first, such as “ack”.")
        replies.answer_text(caller.session, kind, address, text[:1600], f"demo-{uuid4().hex}", caller.now)

    return carry_out(edge, Permission.LOOK, _back(person), work)


@router.post("/calls/{delivery_id}/keys")
def key(edge: Page, delivery_id: Id, key: Annotated[str, Form()] = "", person: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str | None:
        delivery = caller.session.get(Delivery, delivery_id)
        if delivery is None:
            raise NotFound("There is no such call.")
        if key in SPOKEN:
            call_id = f"{CALL}{delivery_id}-{uuid4().hex[:12]}"
            replies.answer_key(caller.session, delivery_id, key, call_id, caller.now)
            return None
        return delivery.body if KEYS.get(key) == "repeat" else HELP

    return carry_out(edge, Permission.LOOK, _back(person), work)


def _back(person: str) -> str:
    return f"/phone?person={person}" if person.isidentifier() else "/phone"
