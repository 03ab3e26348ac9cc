"""How the caller is reached: contact methods, each counted once its code has been typed back."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, User
from oncall.people import contact_tests, contacts
from web.api.body import Body, Confirm, Id, Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/users/me/contact-methods", tags=["me"])


class ContactMethodBody(Body):
    name: str = Field(min_length=1, max_length=60, description="What you call it, such as “mobile”.")
    kind: str = Field(description=f"One of {', '.join(KINDS)}.")
    address: str = Field(
        max_length=320,
        description="As the kind has it: " + "; ".join(f"{kind.name}: {kind.example}" for kind in KINDS.values()),
    )


class CodeBody(Body):
    code: str = Field(max_length=20)


class ContactMethodView(BaseModel):
    id: int
    name: str
    kind: str
    address: str = Field(description="Only the end of one that is a secret, such as a webhook's.")
    verified_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    code_expires_at: datetime | None = Field(description="Until when the code that was sent can be typed back.")

    @classmethod
    def of(cls, method: ContactMethod) -> "ContactMethodView":
        return cls.model_validate(method.model_dump() | {"address": KINDS[method.kind].shown(method.address)})


class TestView(BaseModel):
    state: DeliveryState
    created_at: datetime
    sent_at: datetime | None = Field(description="When the provider had it.")
    finished_at: datetime | None = Field(description="When it was delivered, or had failed.")
    error: str

    @classmethod
    def of(cls, test: Delivery) -> "TestView":
        return cls.model_validate(test.model_dump())


def methods_of(session: Session, user: User) -> list[ContactMethodView]:
    rows = select(ContactMethod).where(ContactMethod.user_id == user.id).order_by(col(ContactMethod.id))
    return [ContactMethodView.of(method) for method in session.exec(rows)]


@router.get("", summary="My contact methods")
def list_methods(edge: Api) -> Listing[ContactMethodView]:
    with edge.reading() as caller:
        return whole(methods_of(caller.session, caller.user))


@router.post("", status_code=201, summary="Add one; it counts once it is verified", responses=problems(400, 409))
def add_method(edge: Api, body: ContactMethodBody) -> ContactMethodView:
    with edge.writing(Permission.ACT) as caller:
        return ContactMethodView.of(
            contacts.add_method(caller.session, caller.user, body.name, body.kind, body.address)
        )


@router.delete(
    "/{method_id}", status_code=204, summary="Remove one, and the rules that use it", responses=problems(404, 409)
)
def delete_method(edge: Api, method_id: Id, confirm: Confirm = False) -> None:
    with edge.writing(Permission.ACT) as caller:
        method = contacts.own_method(caller.session, caller.user, method_id)
        contacts.remove_method(caller.session, method, caller.now, confirm=confirm)


@router.post(
    "/{method_id}/test", status_code=202, summary="Send a test message to it", responses=problems(400, 404, 429)
)
def make_test(edge: Api, method_id: Id) -> TestView:
    """It goes the way of a page. Ask with GET what became of it."""
    with edge.writing(Permission.ACT) as caller:
        method = contacts.own_method(caller.session, caller.user, method_id)
        return TestView.of(contact_tests.send_test(caller.session, method, caller.now))


@router.get("/{method_id}/test", summary="What became of its last test message", responses=problems(404))
def get_test(edge: Api, method_id: Id) -> TestView:
    with edge.reading() as caller:
        method = contacts.own_method(caller.session, caller.user, method_id)
        return TestView.of(contact_tests.last_test(caller.session, method))


@router.post(
    "/{method_id}/send-code", status_code=202, summary="Send a code to the address", responses=problems(404, 429)
)
def send_code(edge: Api, method_id: Id) -> ContactMethodView:
    with edge.writing(Permission.ACT) as caller:
        method = contacts.own_method(caller.session, caller.user, method_id)
        contacts.send_code(caller.session, method, caller.now)
        return ContactMethodView.of(method)


@router.post("/{method_id}/verify", summary="Type the code back", responses=problems(400, 404, 429))
def verify(edge: Api, method_id: Id, body: CodeBody) -> ContactMethodView:
    with edge.writing(Permission.ACT) as caller:
        method = contacts.own_method(caller.session, caller.user, method_id)
        is_right = contacts.verify(caller.session, method, body.code, caller.now)
    if not is_right:  # after the commit: a wrong try counts
        raise BadInput("This is not the code that was sent. Look again, or send a new one.", field="code")
    return ContactMethodView.of(method)
