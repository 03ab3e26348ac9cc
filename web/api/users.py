"""People. Passwords and tokens are never shown; contact methods to their owner and to admins."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import col, select

from oncall.auth.passwords import LONGEST, SHORTEST, hash_password
from oncall.auth.permissions import Permission, is_allowed
from oncall.models import Role, Schedule, User
from oncall.notices.choices import choose
from oncall.people import people
from oncall.people.quiet_hours import set_quiet_hours
from oncall.people.retiring import retire
from oncall.rota.coverage import final_shifts
from web.api.body import Body, Confirm, Limit, Listing, page, problems, whole
from web.api.contact_methods import ContactMethodView, methods_of
from web.api.notices import NoticeChoices, NoticeChoicesBody
from web.api.quiet_hours import QuietHours, QuietHoursBody
from web.api.schedules import From, ShiftView, Until, window_of
from web.edge import Api, Caller

router = APIRouter(prefix="/users", tags=["users"])
mine = APIRouter(prefix="/users/me", tags=["me"])


class UserView(BaseModel):
    handle: str
    name: str
    email: str | None
    timezone: str
    country: str | None = Field(description="Whose public holidays are theirs: ISO 3166, such as DE or DE-BY.")
    role: Role
    tags: list[str]
    retired_at: datetime | None


class UserDetails(UserView):
    contact_methods: list[ContactMethodView] | None = Field(
        None, description="Null unless you are this person or an admin."
    )
    notices: NoticeChoices | None = Field(None, description="Null unless you are this person or an admin.")
    quiet_hours: QuietHours | None = Field(None, description="Null unless you are this person or an admin.")


class OwnBody(Body):
    """What people change of themselves. What is left out stays as it is."""

    notices: NoticeChoicesBody | None = None
    quiet_hours: QuietHoursBody | None = None


class UserBody(Body):
    """What the fields may hold is said by `people.add_user`, as for the command line."""

    handle: str
    name: str
    role: Role = Role.USER
    email: str | None = None
    timezone: str = "UTC"
    country: str | None = None
    tags: list[str] = Field([], max_length=50)
    password: str | None = Field(
        None, min_length=SHORTEST, max_length=LONGEST, description="Needed to sign in on the web."
    )


@mine.get("", summary="The owner of this token")
def me(edge: Api) -> UserDetails:
    with edge.reading() as caller:
        return _details(caller, caller.user)


@mine.patch("", summary="Change what I am told of my shifts, and my quiet hours", responses=problems(400))
def change_me(edge: Api, body: OwnBody) -> UserDetails:
    with edge.writing(Permission.ACT) as caller:
        if body.notices is not None:
            choose(caller.session, caller.user, **body.notices.model_dump())
        if body.quiet_hours is not None:
            set_quiet_hours(caller.session, caller.user, body.quiet_hours.hours, body.quiet_hours.timezone)
        return _details(caller, caller.user)


@mine.get("/shifts", summary="My final shifts that meet [from, until)", responses=problems(400))
def my_shifts(edge: Api, start: From = None, until: Until = None) -> Listing[ShiftView]:
    with edge.reading() as caller:
        window = window_of(start, until, caller.now)
        schedules = caller.session.exec(select(Schedule).order_by(col(Schedule.name))).all()
        shifts = [shift for schedule in schedules for shift in final_shifts(caller.session, schedule, *window)]
        own = sorted((s for s in shifts if s.user_id == caller.user_id), key=lambda shift: shift.start)
        return whole([ShiftView.of(shift) for shift in own])


@router.get("", summary="Everybody, by handle")
def list_users(
    edge: Api,
    retired: Annotated[bool, Query(description="Also those who have retired.")] = False,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Limit = 200,
) -> Listing[UserView]:
    with edge.reading() as caller:
        found = people.list_users(caller.session, limit, cursor, retired=retired)
        return page([_view(user) for user in found], limit, found and found[-1].handle)


@router.post("", status_code=201, summary="Add somebody", responses=problems(400, 409))
def add_user(edge: Api, body: UserBody) -> UserDetails:
    with edge.reading(Permission.ADMINISTER):
        password_hash = None
    if body.password is not None:
        password_hash = hash_password(body.password)  # slow: neither for strangers nor inside a transaction
    with edge.writing(Permission.ADMINISTER) as caller:
        fields = body.model_dump(exclude={"password"})
        user = people.add_user(caller.session, **fields, now=caller.now, password_hash=password_hash)
        return _details(caller, user)


@router.get("/{handle}", summary="One person", responses=problems(404))
def get_user(edge: Api, handle: str) -> UserDetails:
    with edge.reading() as caller:
        return _details(caller, people.find_user(caller.session, handle))


@router.delete("/{handle}", status_code=204, summary="Retire somebody", responses=problems(404, 409))
def retire_user(edge: Api, handle: str, confirm: Confirm = False) -> None:
    """They can't sign in or be paged any more; timelines keep their name, and their shifts go to others, who are told.

    Refused while an escalation policy pages them by name, and of the only admin.
    """
    with edge.writing(Permission.ADMINISTER) as caller:
        user, settings = people.find_user(caller.session, handle), edge.runtime.settings
        retire(caller.session, settings, user, caller.user, caller.now, confirm=confirm)


def _view(user: User) -> UserView:
    return UserView.model_validate(user.model_dump())


def _details(caller: Caller, user: User) -> UserDetails:
    may_see = user.id == caller.user_id or is_allowed(caller.user, Permission.ADMINISTER)
    methods = methods_of(caller.session, user) if may_see else None
    notices = NoticeChoices.of(user) if may_see else None
    quiet = QuietHours.of(user) if may_see else None
    return UserDetails(**_view(user).model_dump(), contact_methods=methods, notices=notices, quiet_hours=quiet)
