"""An address that nothing reaches any more: it is used no more, and whoever must know is told another way."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.delivery.rules import is_usable
from oncall.models import ContactMethod, NoticeKind, PublishedShift, Schedule, User
from oncall.notices.problems import SOON, Runners, key_of
from oncall.notices.tell import notify
from oncall.rota.inspector import Problem, ProblemKind
from oncall.rota.when import moment

log = structlog.get_logger(__name__)


def lose_address(session: Session, method: ContactMethod, reason: str, now: datetime) -> None:
    """Disable a contact method until its owner verifies it anew, and tell them by their other ways: which, why, how to
    mend it. Their team's managers too, when they are on call within a week and no other way is left.
    """
    enabled = (col(ContactMethod.id) == method.id, col(ContactMethod.disabled_at).is_(None))
    disabled = session.execute(
        sa.update(ContactMethod).where(*enabled).values(disabled_at=now, disabled_reason=reason[:300])
    )
    if not disabled.rowcount:  # type: ignore[attr-defined]
        return  # another message has told of it, perhaps in another process at this moment
    session.refresh(method)
    if method.verified_at is None:
        return  # they are at it: it was to be verified
    log.info("contact_method.lost", method=method.id, reason=reason)
    has_others = _has_others(session, method)
    key = f"lost:{method.id}:{now:%Y-%m-%dT%H:%M:%SZ}"
    notify(session, [method.user_id], NoticeKind.PROBLEM, _to_owner(method, has_others), now, key)
    if not has_others:
        _tell_managers(session, method, now)


def _has_others(session: Session, method: ContactMethod) -> bool:
    others = session.exec(
        select(ContactMethod).where(ContactMethod.user_id == method.user_id, ContactMethod.id != method.id)
    )
    return any(is_usable(other) for other in others)


def _to_owner(method: ContactMethod, has_others: bool) -> str:
    what, reason = _what(method), method.disabled_reason or ""
    address = KINDS[method.kind].shown(method.address)
    why, how = reason, "send it a new code on My on-call, or add another contact method"
    if "STOP" in reason:
        why, how = "you replied STOP", "text START to our number"
    instead = "Pages go to your other contact methods" if has_others else "Nothing pages you now"
    return f"{what[:1].upper()}{what[1:]} ({address}) are off: {why}. {instead}. To mend it, {how}."


def _what(method: ContactMethod) -> str:
    return f"{KINDS[method.kind].label}s to “{method.name}”"


def _tell_managers(session: Session, method: ContactMethod, now: datetime) -> None:
    """As the hourly look for problems would tell them, and under its key: told once."""
    user, runners = session.get_one(User, method.user_id), Runners(session)
    for shift, schedule in _first_shifts(session, method.user_id, now):
        when = f"from {moment(shift.starts_at, ZoneInfo(schedule.timezone))}" if shift.starts_at > now else "now"
        sentence = (
            f"Schedule {schedule.name}: {user.name} is on {shift.level} {when} and nothing pages them any more: "
            f"{_what(method)} are off ({method.disabled_reason}), and no other contact method is verified. "
            "Put somebody else on, or have them add one."
        )
        problem = Problem(ProblemKind.UNREACHABLE, sentence, shift.level, shift.starts_at, shift.ends_at, user.handle)
        others = [user_id for user_id in runners.of(schedule) if user_id != user.id]
        notify(session, others, NoticeKind.PROBLEM, sentence, now, key_of(schedule, problem, now))


def _first_shifts(session: Session, user_id: int, now: datetime) -> list[tuple[PublishedShift, Schedule]]:
    """The first shift within SOON on each schedule, running ones included."""
    rows = session.exec(
        select(PublishedShift, Schedule)
        .join(Schedule, col(Schedule.id) == col(PublishedShift.schedule_id))
        .where(
            PublishedShift.user_id == user_id,
            col(PublishedShift.ends_at) > now,
            col(PublishedShift.starts_at) < now + SOON,
        )
        .order_by(col(PublishedShift.starts_at))
    )
    first: dict[int, tuple[PublishedShift, Schedule]] = {}
    for shift, schedule in rows:
        first.setdefault(shift.schedule_id, (shift, schedule))
    return list(first.values())
