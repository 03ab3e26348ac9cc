"""Who somebody is, edited in a form: by admins all of it, by themselves what their calendar and clock depend on."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.plan import Change
from oncall.config.schema import UserForm
from oncall.errors import Forbidden
from oncall.models import Role, Schedule, User
from oncall.people.people import find_user
from oncall.setup import words
from web.edge import Caller, Page, PageEdge
from web.pages.editing import base_of, save_or_show, stored
from web.pages.page import back_to, lead_to, show
from web.pages.standing import Standing
from web.pages.typed import as_list

router = APIRouter(prefix="/person-editor")

SECTION = "users"
OWN = ("name", "timezone", "country")
OF_ADMINS = ("email", "tags", "experienced")


@router.get("")
def editor(edge: Page, handle: str = "") -> Response:
    with edge.reading(Permission.ACT, at_one_moment=True) as caller:
        _check(caller, handle)
        found = stored(caller.session, SECTION, handle)
        assert isinstance(found, UserForm)
        return _shown(edge, caller, _typed_of(found), Standing(base_of(found)))


@router.post("")
def edit(edge: Page) -> Response:
    with edge.reading(Permission.ACT) as caller:
        typed = _sent(edge.form, all_of_it=caller.user.role is Role.ADMIN)

    def saved(changes: Sequence[Change]) -> Response:
        said = "; ".join(words.changes(changes))
        return lead_to(back_to("people", typed["handle"]), f"Kept{': ' + said if said else ''}.")

    return save_or_show(
        edge,
        SECTION,
        _as_config(typed),
        key="handle",
        check=lambda caller: _check(caller, typed["handle"]),
        shown=lambda caller, standing: _shown(edge, caller, typed, standing),
        saved=saved,
    )


def _check(caller: Caller, handle: str) -> None:
    """Raises NotFound or Forbidden."""
    find_user(caller.session, handle)
    if caller.user.role is not Role.ADMIN and caller.user.handle != handle:
        raise Forbidden("People are edited by admins and by themselves. Ask one of them.")


def _typed_of(form: UserForm) -> dict[str, Any]:
    texts = {name: getattr(form, name) or "" for name in ("handle", *OWN, "email")}
    return texts | {"tags": ", ".join(form.tags), "experienced": list(form.experienced)}


def _sent(form: FormData, *, all_of_it: bool) -> dict[str, Any]:
    typed: dict[str, Any] = {name: str(form.get(name, "")).strip() for name in ("handle", *OWN)}
    if all_of_it:
        typed |= {name: str(form.get(name, "")).strip() for name in ("email", "tags")}
        typed["experienced"] = [str(each) for each in form.getlist("experienced")]
    return typed


def _as_config(typed: dict[str, Any]) -> dict[str, Any]:
    written = {name: text or None for name, text in typed.items() if name in ("country", "email")}
    lists = {"tags": as_list(typed["tags"])} if "tags" in typed else {}
    return typed | written | lists


def _shown(edge: PageEdge, caller: Caller, typed: dict[str, Any], standing: Standing) -> Response:
    session = caller.session
    context = {
        "typed": typed,
        "person": session.exec(select(User).where(User.handle == typed["handle"])).one(),
        "is_whole": caller.user.role is Role.ADMIN,
        "schedules": session.exec(select(Schedule.name).order_by(col(Schedule.name))).all(),
        "zones": sorted(available_timezones()),
    }
    context |= standing.shown_with(["handle", *OWN, *OF_ADMINS])
    return show(edge, caller, "people/person_editor.html", context, status=standing.status)
