"""Telling both people of a shadow shift that is made or called off: who follows, and whoever is on the level meanwhile.

Who did it is told nothing.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.models import NoticeKind, Schedule, ShadowKind, ShadowShift, User
from oncall.notices.tell import notify
from oncall.rota.coverage import plan_if_sound
from oncall.rota.when import span
from schedules.kept import final_shifts
from schedules.spans import Span, clip, merge
from schedules.types import Person


def tell_made(session: Session, shadow: ShadowShift, by: User, now: datetime) -> None:
    _tell(session, shadow, by, now, is_made=True)


def tell_called_off(session: Session, shadow: ShadowShift, by: User, now: datetime) -> None:
    """Of what is left of it: before it is gone, or ends now."""
    _tell(session, shadow, by, now, is_made=False)


def _tell(session: Session, shadow: ShadowShift, by: User, now: datetime, *, is_made: bool) -> None:
    schedule, learner = session.get_one(Schedule, shadow.schedule_id), session.get_one(User, shadow.user_id)
    key, left = f"shadow:{shadow.id}:{'made' if is_made else 'off'}", (max(shadow.starts_at, now), shadow.ends_at)
    place = f"{schedule.name} ({shadow.level})"
    is_first = shadow.kind is ShadowKind.REVERSE
    met = on_level(session, schedule, shadow.level, left, now)
    people = session.exec(select(User).where(col(User.handle).in_([learner.handle, *met])).order_by(col(User.id))).all()
    for user in people:
        if user.handle == by.handle:
            continue
        assert user.id is not None
        when = _when([left] if user.id == learner.id else met[user.handle], user, now)
        if user.id == learner.id:
            text = yours(place, when, by.name, is_first=is_first, is_made=is_made)
        else:
            text = beside_you(place, when, learner.name, is_first=is_first, is_made=is_made)
        notify(session, [user.id], NoticeKind.SHIFTS_CHANGED, text, now, key)


def on_level(session: Session, schedule: Schedule, level: str, when: Span, now: datetime) -> dict[Person, list[Span]]:
    """When each is on the level within this time: up to the horizon, beyond which nobody counts on anything."""
    plan = plan_if_sound(session, schedule)
    start, end = when[0], min(when[1], now + timedelta(days=schedule.horizon_days))
    found: dict[Person, list[Span]] = defaultdict(list)
    for shift in final_shifts(plan, start, end) if plan and start < end else ():
        if shift.level == level:
            found[shift.person] += clip([(shift.start, shift.end)], start, end)
    return found


def _when(spans: list[Span], user: User, now: datetime) -> str:
    return " and ".join(span(*each, ZoneInfo(user.timezone), now) for each in merge(spans))


def yours(place: str, when: str, by: str, *, is_first: bool, is_made: bool) -> str:
    """Pure: what whoever follows is told."""
    if is_made and is_first:
        return f"You are paged first for {place}, {when}, whoever is on call a minute later: set up by {by}."
    if is_made:
        return f"You follow along with {place}, {when}, with a copy of every page and nothing to do: set up by {by}."
    what = "You are no longer paged first for" if is_first else "You no longer follow along with"
    return f"{what} {place}, {when}: called off by {by}."


def beside_you(place: str, when: str, learner: str, *, is_first: bool, is_made: bool) -> str:
    """Pure: what whoever is on call is told."""
    if is_first and is_made:
        return f"{learner} is paged first while you are on call for {place}, {when}, to learn; you are a minute later."
    if is_first:
        return f"{learner} is no longer paged before you for {place}, {when}: pages come to you at once."
    more = "follows" if is_made else "no longer follows"
    return f"{learner} {more} along with you on {place}, {when}{', to learn' if is_made else ''}."
