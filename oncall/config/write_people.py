"""Users, how they are reached, teams and experience, as a Config has them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.config.rows import by_name, fill, match, user_ids
from oncall.config.schema import ContactMethodForm, TeamForm, UserForm
from oncall.delivery.gone_addresses import call_off, send_another_way
from oncall.models import (
    ContactMethod,
    Delivery,
    Experience,
    NotificationRule,
    Schedule,
    Team,
    TeamContactMethod,
    TeamMember,
    User,
)


def write_users(session: Session, forms: Sequence[UserForm], now: datetime) -> None:
    rows = session.exec(select(User).where(col(User.handle).in_([form.handle for form in forms])))
    present = {row.handle: row for row in rows}
    written = [(_user(session, present.get(form.handle), form, now), form) for form in forms]
    session.flush()
    _reached(session, written, now)


def _user(session: Session, row: User | None, form: UserForm, now: datetime) -> User:
    if row is None:
        row = User(handle=form.handle, name=form.name, created_at=now)
    fields = ("name", "email", "timezone", "country", "role", "tags")
    notices = {
        "notice_ahead_hours": form.notices.ahead // timedelta(hours=1),
        "notice_start": form.notices.start,
        "notice_end": form.notices.end,
        "notice_weekly": form.notices.weekly,
    }
    quiet = {
        "quiet_hours": form.quiet_hours.hours if form.quiet_hours else None,
        "quiet_timezone": form.quiet_hours.timezone if form.quiet_hours else None,
    }
    return fill(session, row, {field: getattr(form, field) for field in fields} | notices | quiet)


def _reached(session: Session, written: Sequence[tuple[User, UserForm]], now: datetime) -> None:
    """Rules go before the contact methods that they use, and come after them."""
    ids = [user.id for user, _ in written]
    present: dict[int | None, dict[str, ContactMethod]] = defaultdict(dict)
    for row in session.exec(select(ContactMethod).where(col(ContactMethod.user_id).in_(ids))):
        present[row.user_id][row.name] = row
    called_off = [each for user, form in written for each in _call_off(session, present[user.id], form, now)]
    methods = {
        (user.id, method.name): _method(session, present[user.id].pop(method.name, None), method, user, now)
        for user, form in written
        for method in form.contact_methods
    }
    session.flush()
    _ruled(session, written, methods)
    for vanished in (row for rows in present.values() for row in rows.values()):
        session.delete(vanished)
    session.flush()
    send_another_way(session, called_off, now)


def _ruled(
    session: Session,
    written: Sequence[tuple[User, UserForm]],
    methods: Mapping[tuple[int | None, str], ContactMethod],
) -> None:
    ids = [user.id for user, _ in written]
    rules: dict[int | None, list[NotificationRule]] = defaultdict(list)
    theirs = select(NotificationRule).where(col(NotificationRule.user_id).in_(ids))
    for row in session.exec(theirs.order_by(col(NotificationRule.id))):
        rules[row.user_id].append(row)
    wanted = {
        (user.id, number): {
            "user_id": user.id,
            "contact_method_id": methods[user.id, rule.contact_method].id,
            "urgency": rule.urgency,
            "after_seconds": int(rule.after.total_seconds()),
        }
        for user, form in written
        for number, rule in enumerate(form.notification_rules)
    }
    present = {(user_id, number): row for user_id, rows in rules.items() for number, row in enumerate(rows)}
    match(session, NotificationRule, present, wanted)


def _call_off(
    session: Session,
    present: Mapping[str, ContactMethod | TeamContactMethod],
    form: UserForm | TeamForm,
    now: datetime,
) -> list[Delivery]:
    """What waits for addresses that are theirs no more, by these methods."""
    wanted = {method.name: (method.kind, method.address) for method in form.contact_methods}
    left = [row.id for name, row in present.items() if (row.kind, row.address) != wanted.get(name)]
    return call_off(session, left, now, of_team=isinstance(form, TeamForm)) if left else []


def _method(
    session: Session, row: ContactMethod | None, form: ContactMethodForm, user: User, now: datetime
) -> ContactMethod:
    """Another address has to be verified again, and is not held back by what was wrong with the old one."""
    assert user.id is not None
    if row is None:
        row = ContactMethod(user_id=user.id, name=form.name, kind=form.kind, address=form.address)
    elif row.address != form.address:
        forgotten = {"verified_at": None, "disabled_at": None, "disabled_reason": None, "code": None}
        fill(session, row, {**forgotten, "code_expires_at": None, "code_tries": 0})
    verified_at = (row.verified_at or now) if form.verified else None
    return fill(session, row, {"kind": form.kind, "address": form.address, "verified_at": verified_at})


def write_teams(session: Session, forms: Sequence[TeamForm], now: datetime) -> None:
    present = by_name(session, Team, (form.name for form in forms))
    teams = {form.name: fill(session, present.get(form.name) or Team(name=form.name), {}) for form in forms}
    session.flush()
    handles = user_ids(session, (handle for form in forms for handle in (*form.members, *form.managers)))
    for form in forms:
        team_id = teams[form.name].id
        rows = session.exec(select(TeamMember).where(TeamMember.team_id == team_id))
        wanted = {
            handles[handle]: {
                "team_id": team_id,
                "user_id": handles[handle],
                "is_member": handle in form.members,
                "is_manager": handle in form.managers,
            }
            for handle in {*form.members, *form.managers}
        }
        match(session, TeamMember, {row.user_id: row for row in rows}, wanted)
        _addresses(session, team_id, form, now)


def _addresses(session: Session, team_id: int | None, form: TeamForm, now: datetime) -> None:
    rows = session.exec(select(TeamContactMethod).where(TeamContactMethod.team_id == team_id))
    wanted = {
        method.name: {"team_id": team_id, "name": method.name, "kind": method.kind, "address": method.address}
        for method in form.contact_methods
    }
    present = {row.name: row for row in rows}
    called_off = _call_off(session, present, form, now)
    match(session, TeamContactMethod, present, wanted)
    send_another_way(session, called_off, now)


def write_experience(session: Session, forms: Sequence[UserForm]) -> None:
    """Comes after the schedules, which come after the users."""
    users = user_ids(session, (form.handle for form in forms))
    schedules = by_name(session, Schedule, (name for form in forms for name in form.experienced))
    rows = session.exec(select(Experience).where(col(Experience.user_id).in_(users.values())))
    wanted = {
        (users[form.handle], schedules[name].id): {"user_id": users[form.handle], "schedule_id": schedules[name].id}
        for form in forms
        for name in form.experienced
    }
    present: dict[tuple[int, int | None], Experience] = {(row.user_id, row.schedule_id): row for row in rows}
    match(session, Experience, present, wanted)
