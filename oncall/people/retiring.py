"""Somebody leaves: they are retired, never deleted, and what they had on call goes to others in the same transaction.

Published turns go to whoever may take them and has the least burden ahead (`oncall.rota.horizon`), and so do shifts by
overrides. The engine tells everybody touched, since their shifts changed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from oncall.db.database import notify_engines
from oncall.delivery.outbox import cancel_pending
from oncall.errors import Conflict
from oncall.lifecycle.swap import SwapState
from oncall.models import (
    Answer,
    ApiToken,
    CalendarFeed,
    Delivery,
    LoginSession,
    Override,
    OverrideSource,
    Rotation,
    RotationMember,
    Schedule,
    Swap,
    SwapInvitation,
    SwapPiece,
    User,
)
from oncall.models.schedule import CURRENT
from oncall.models.swap import UNDER_WAY
from oncall.people.alerts_of_leavers import let_go
from oncall.people.needed import needed_for
from oncall.people.people import RETIRED, methods_of
from oncall.reports.burden import Scales
from oncall.rota.consequences import Watch
from oncall.rota.coverage import plan_of
from oncall.rota.covers_of_leavers import keep_covers_of
from oncall.rota.horizon import hand_on
from oncall.rota.outlook import outlook
from oncall.rota.overrides import end_overrides
from oncall.rota.promises import Promises
from oncall.rota.shadows import end_shadows_of
from oncall.settings import Settings
from oncall.swaps.candidates import candidates
from oncall.swaps.decide import decline, withdraw
from oncall.swaps.rules import ground, windows_of
from schedules.resolve import final_shifts


def retire(session: Session, settings: Settings, user: User, by: User, now: datetime, *, confirm: bool = False) -> None:
    """They can't sign in, be paged or answer any more; timelines and past shifts keep their name.

    Raises Conflict while they are needed in person, NeedsConfirmation where nobody would be on call without them.
    """
    if user.retired_at is not None:
        return
    if reasons := needed_for(session, user):
        raise Conflict(f"{user.name} can't retire yet: {'; '.join(reasons)}. Put somebody else there first.")
    watch, promises = Watch(session, now), Promises(session, now)
    user.retired_at = now  # first of all: who has left is told nothing any more
    session.add(user)
    _settle_swaps(session, settings, user, by, now)
    _shut_out(session, user, now)
    session.exec(
        delete(RotationMember).where(
            col(RotationMember.user_id) == user.id,
            col(RotationMember.rotation_id).in_(select(Rotation.id).where(CURRENT)),
        )
    )
    session.flush()
    hand_on(session, watch.schedules, now)
    for override in _overrides_ahead(session, user, now):
        _hand_over(session, override, by, now)
    end_shadows_of(session, user, by, now)
    promises.keep()
    let_go(session, user, by, now)
    if not confirm:
        watch.refuse_harm_ahead()
    notify_engines(session)


def _settle_swaps(session: Session, settings: Settings, user: User, by: User, now: datetime) -> None:
    """What they have asked for is withdrawn, and what they were asked is declined, in their name.

    Who covers for them while they are out of reach has agreed to that, and goes on until it is over.
    """
    asked = select(Swap.id).where(Swap.state == SwapState.OFFERED, Swap.asker_id == user.id)
    for swap_id in session.exec(asked).all():
        withdraw(session, settings, swap_id or 0, by, user, now)
    waiting = select(SwapInvitation.swap_id).join(Swap).where(UNDER_WAY, SwapInvitation.user_id == user.id)
    for swap_id in session.exec(waiting.where(SwapInvitation.answer == Answer.WAITING)).all():
        decline(session, settings, swap_id, by, user, now)


def _shut_out(session: Session, user: User, now: datetime) -> None:
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))
    for token in session.exec(select(ApiToken).where(ApiToken.user_id == user.id, col(ApiToken.revoked_at).is_(None))):
        token.revoked_at = now
    for feed in session.exec(
        select(CalendarFeed).where(CalendarFeed.owner_id == user.id, col(CalendarFeed.revoked_at).is_(None))
    ):
        feed.revoked_at = now
    for method in methods_of(session, user):
        if method.disabled_at is None:
            method.disabled_at, method.disabled_reason = now, RETIRED
    cancel_pending(session, col(Delivery.user_id) == user.id, now)


def _overrides_ahead(session: Session, user: User, now: datetime) -> Sequence[Override]:
    """The last one first: each changes what those before it have made."""
    own = select(Override).where(Override.user_id == user.id, col(Override.ends_at) > now)
    return session.exec(own.order_by(col(Override.created_at).desc(), col(Override.id).desc())).all()


def _hand_over(session: Session, override: Override, by: User, now: datetime) -> None:
    """What is left of it; where nobody may take it, what it changed applies again.

    What they have given back, or passed on, is nothing to hand over: it stays with whoever has it.
    """
    start, left = max(override.starts_at, now), _left(session, override, now)
    taker_id = _taker(session, left, now) if left else None
    if taker_id == override.replaces_id:
        taker_id = None  # it was theirs before
    keep_covers_of(session, override, taker_id, start)
    if taker_id is None:
        end_overrides(session, [override], now)
        return
    columns = override.model_dump(exclude={"id"}) | {"starts_at": start, "user_id": taker_id, "created_by_id": by.id}
    if override.source is OverrideSource.SWAP:
        columns["source"] = OverrideSource.OVERRIDE  # nobody has agreed to it
    if override.starts_at < now:
        end_overrides(session, [override], now)
        session.add(Override(**columns))
    else:
        session.add(override.sqlmodel_update(columns))  # at its place: what was made since goes by it
    session.flush()


def _left(session: Session, override: Override, now: datetime) -> list[SwapPiece]:
    """The time in which they are on the level after all."""
    start, end = max(override.starts_at, now), override.ends_at
    handle = session.get_one(User, override.user_id).handle
    plan = plan_of(session, session.get_one(Schedule, override.schedule_id))
    on = (each for each in final_shifts(plan, start, end) if (each.level, each.person) == (override.level, handle))
    return [
        SwapPiece(
            swap_id=0,
            schedule_id=override.schedule_id,
            level=override.level,
            giver_id=override.user_id or 0,
            starts_at=max(shift.start, start),
            ends_at=min(shift.end, end),
        )
        for shift in on
    ]


def _taker(session: Session, pieces: Sequence[SwapPiece], now: datetime) -> int | None:
    """Whom no rule forbids it, least burdened first."""
    found = candidates(session, pieces, ground(session, windows_of(session, pieces)))
    free = [user_id for user_id, objections in found.items() if not objections]
    handles = dict(session.exec(select(User.id, User.handle).where(col(User.id).in_(free))).all())
    ahead, scales = outlook(session, now).of_person, Scales(session)

    def burden(user_id: int) -> timedelta:
        shifts = ahead.get(handles[user_id], [])
        return scales.weigh(handles[user_id], ((max(each.start, now), each.end) for each in shifts if each.end > now))

    return min(free, key=lambda user_id: (burden(user_id), handles[user_id]), default=None)
