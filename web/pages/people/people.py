"""One person: what they have ahead; for admins their role, a link to sign in by, and their leave."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.auth.invitations import LASTS, invitation
from oncall.auth.permissions import Permission
from oncall.delivery.outbox import Reach
from oncall.errors import BadInput, Conflict
from oncall.models import Role, Team, TeamMember, User
from oncall.people.people import add_user, find_user, restore, set_role
from oncall.people.retiring import retire
from oncall.rota.outlook import AHEAD, next_shifts
from web.addresses import base_url
from web.edge import Caller, Page, PageEdge
from web.pages.page import back_to, carry_out, refuse, show

router = APIRouter(prefix="/people")

MOST_SHIFTS = 8


@router.post("/new")
def add(
    edge: Page,
    handle: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    timezone: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
) -> Response:
    """Answered with their page, since the link to sign in by is shown only now."""
    try:
        with edge.writing(Permission.ADMINISTER) as caller:
            zone, role_now = timezone.strip() or caller.user.timezone, _role(role)
            fields = handle.strip(), name.strip(), role_now
            user = add_user(caller.session, *fields, caller.now, email=email.strip() or None, timezone=zone)
            link = _link(edge, caller, user)
            return _shown(edge, caller, user, link)
    except (BadInput, Conflict) as refused:
        return refuse(edge, "/people", refused, "invite")


@router.get("/{handle}")
def person(edge: Page, handle: str) -> Response:
    with edge.reading() as caller:
        return _shown(edge, caller, find_user(caller.session, handle))


def _shown(edge: PageEdge, caller: Caller, user: User, link: str = "") -> Response:
    session, reach = caller.session, Reach(caller.session)
    reach.load([user.id or 0])
    context = {
        "person": user,
        "teams": _teams(session, user),
        "can_be_paged": reach.can_be_reached(user.id or 0),
        "shifts": next_shifts(session, user.handle, caller.now, MOST_SHIFTS),
        "days_ahead": AHEAD.days,
        "roles": list(Role),
        "link": link,
        "link_days": LASTS.days,
        "path": f"/people/{user.handle}",
    }
    return show(edge, caller, "people/person.html", context)


def _teams(session: Session, user: User) -> list[tuple[str, bool]]:
    """By name, with whether they manage it."""
    rows = select(Team.name, TeamMember.is_manager).join(TeamMember).where(TeamMember.user_id == user.id)
    return list(session.exec(rows.order_by(col(Team.name))).all())


@router.post("/{handle}/invitation")
def invite(edge: Page, handle: str) -> Response:
    """Answered with their page, since the link is shown only now."""
    with edge.writing(Permission.ADMINISTER) as caller:
        user = find_user(caller.session, handle)
        return _shown(edge, caller, user, _link(edge, caller, user) if user.retired_at is None else "")


def _link(edge: PageEdge, caller: Caller, user: User) -> str:
    return f"{base_url(edge)}/welcome/{invitation(edge.runtime.signer, user, caller.now)}"


@router.post("/{handle}/role")
def change_role(edge: Page, handle: str, role: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        user = find_user(caller.session, handle)
        set_role(caller.session, user, _role(role))
        said = f"{user.name} is {'an' if user.role is Role.ADMIN else 'a'} {user.role} now."
        return f"{said}{_turns_of_viewer(caller, user)}" if user.role is Role.VIEWER else said

    return carry_out(edge, Permission.ADMINISTER, back_to("people", handle), work)


def _turns_of_viewer(caller: Caller, user: User) -> str:
    ahead = next_shifts(caller.session, user.handle, caller.now)
    names = ", ".join(sorted({shift.schedule for shift in ahead}))
    if not names:
        return ""
    return (
        f" They keep their turns on {names}, but can’t ask for cover or change how they are reached: put others there."
    )


def _role(text: str) -> Role:
    if text not in list(Role):
        raise BadInput(f"There is no role “{text}”: choose one of {', '.join(Role)}.", field="role")
    return Role(text)


@router.post("/{handle}/retire")
def retire_somebody(edge: Page, handle: str, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        user = find_user(caller.session, handle)
        retire(caller.session, edge.runtime.settings, user, caller.user, caller.now, confirm=bool(confirm))
        return f"{user.name} has retired. Their shifts are with others, who are told."

    return carry_out(edge, Permission.ADMINISTER, back_to("people", handle), work)


@router.post("/{handle}/restore")
def restore_somebody(edge: Page, handle: str) -> Response:
    def work(caller: Caller) -> str:
        user = find_user(caller.session, handle)
        restore(caller.session, user, caller.now)
        return (
            f"{user.name} is back, as a newcomer and without a password: give them a link to sign in by. "
            "Rotations that listed them do not have them any more: add them there."
        )

    return carry_out(edge, Permission.ADMINISTER, back_to("people", handle), work)
