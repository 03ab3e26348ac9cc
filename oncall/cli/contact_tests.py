"""Trying out somebody's contact method from the command line."""

import threading
from typing import Annotated

import typer
from sqlmodel import Session, select

from oncall.cli.output import AsJson, show_json
from oncall.cli.session import reading, writing
from oncall.clock import monotonic
from oncall.errors import NotFound
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery
from oncall.people.contact_tests import last_test, said_of, send_test
from oncall.people.people import find_user, methods_of

LOOK_EVERY = 0.5
UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT)


def try_out(
    handle: Annotated[str, typer.Argument(help="The person's handle, such as alice.")],
    contact_method: Annotated[str, typer.Argument(help="Its name, such as mobile.")],
    wait: Annotated[float, typer.Option(help="Seconds to wait for what becomes of it.", min=0)] = 15.0,
    as_json: AsJson = False,
) -> None:
    """Send a test message the way of a page and say what became of it. Exits with 1 if it failed. Needs an engine."""
    with writing() as desk:
        send_test(desk.session, _method(desk.session, handle, contact_method), desk.now)
    found = _what_became_of_it(handle, contact_method, monotonic() + wait)
    if as_json:
        show_json(found.model_dump(include={"state", "created_at", "sent_at", "finished_at", "error"}))
    else:
        typer.echo(f"The test message to {contact_method} of {handle}: {said_of(found)}.")
    if found.state is DeliveryState.FAILED:
        raise typer.Exit(1)


def _what_became_of_it(handle: str, name: str, until: float) -> Delivery:
    with reading() as desk:
        method = _method(desk.session, handle, name)
        while (found := last_test(desk.session, method)).state in UNDER_WAY and monotonic() < until:
            threading.Event().wait(LOOK_EVERY)
            desk.session.rollback()  # or what others have stored since would not be seen
        return found


def _method(session: Session, handle: str, name: str) -> ContactMethod:
    user = find_user(session, handle)
    own = select(ContactMethod).where(ContactMethod.user_id == user.id, ContactMethod.name == name)
    method = session.exec(own).first()
    if method is None:
        known = ", ".join(each.name for each in methods_of(session, user)) or "none yet"
        raise NotFound(f"{user.name} has no contact method {name}; there is {known}.")
    return method
