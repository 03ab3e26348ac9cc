"""Everybody, and for admins the button that retires somebody who leaves."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.models import User
from oncall.people import find_user
from oncall.retiring import retire
from web.edge import Caller, Page
from web.pages.page import carry_out, show

router = APIRouter(prefix="/people")


@router.get("")
def people(edge: Page) -> Response:
    with edge.reading() as caller:
        everybody = caller.session.exec(select(User).order_by(col(User.name))).all()
        here = [user for user in everybody if user.retired_at is None]
        gone = [user for user in everybody if user.retired_at is not None]
    return show(edge, caller, "people.html", {"here": here, "gone": gone})


@router.post("/{handle}/retire")
def retire_somebody(edge: Page, handle: str, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        user = find_user(caller.session, handle)
        retire(caller.session, edge.runtime.settings, user, caller.user, caller.now, confirm=bool(confirm))
        return f"{user.name} has retired. Their shifts are with others, who are told."

    return carry_out(edge, Permission.ADMINISTER, "/people", work)
