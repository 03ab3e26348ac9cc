"""What falls due by itself: swaps expire, people are reminded, and levels come back. The due times are columns."""

from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from oncall.lifecycle.swap import SwapAction, SwapState, after
from oncall.models import Swap, SwapEventKind
from oncall.models.swap import UNDER_WAY
from oncall.notices.asleep import Asleep
from oncall.notices.tell import key_for, told
from oncall.settings import Settings
from oncall.swaps.gone import end_if_gone
from oncall.swaps.out_of_reach import come_back
from oncall.swaps.story import TIME_IS_OVER, record, waiting
from oncall.swaps.telling import tell

log = structlog.get_logger(__name__)

BATCH = 50


def are_due(now: datetime) -> SelectOfScalar[Swap]:
    due = select(Swap).where(UNDER_WAY, or_(col(Swap.expires_at) <= now, col(Swap.remind_at) <= now))
    return due.order_by(col(Swap.expires_at))


def follow_swaps(session: Session, settings: Settings, now: datetime) -> int:
    """Do what is due, up to a batch, skipping those that somebody is deciding on. Gives how many."""
    due = session.exec(are_due(now).limit(BATCH).with_for_update(skip_locked=True)).all()
    for swap in due:
        _follow_or_go_on(session, settings, swap, now)
    return len(due)


def _follow_or_go_on(session: Session, settings: Settings, swap: Swap, now: datetime) -> None:
    """A mistake of ours holds up no other swap, nor is it made again every second."""
    swap_id = swap.id
    try:
        with session.begin_nested():
            _follow(session, settings, swap, now)
    except OperationalError:
        raise  # the database is away
    except Exception:
        log.exception("swap.not_followed", swap=swap_id)
        _turn(swap, now)
        record(session, swap, SwapEventKind.NOTE, "A fault in this service: nobody could be told what falls due", now)
        session.flush()


def _follow(session: Session, settings: Settings, swap: Swap, now: datetime) -> None:
    if swap.state is SwapState.RUNNING:
        come_back(session, settings, swap, now)
    elif swap.expires_at <= now:
        _expire(session, settings, swap, now)
    else:
        _remind(session, settings, swap, now)


def _expire(session: Session, settings: Settings, swap: Swap, now: datetime) -> None:
    _turn(swap, now)
    record(session, swap, SwapEventKind.EXPIRED, TIME_IS_OVER, now)
    tell(session, settings, swap, [swap.asker_id], "expired", now)
    tell(session, settings, swap, waiting(session, swap), "too late", now)


def _remind(session: Session, settings: Settings, swap: Swap, now: datetime) -> None:
    """Of what can still be had: turns may have changed since it was asked. Whoever sleeps is reminded in the morning,
    where that is early enough to answer.
    """
    if end_if_gone(session, settings, swap, now):
        return
    _turn(swap, now)
    key = f"swap:{swap.id}:reminded"
    asked = waiting(session, swap)
    known = told(session, [key_for(key, user_id) for user_id in asked])
    wanted = {each for each in asked if key_for(key, each) not in known}
    asleep = Asleep(session, wanted, now)
    later = {each for each in wanted if asleep.may_wait(each, swap.expires_at)}
    swap.remind_at = min((asleep.until(each) for each in later), default=None)
    if readers := wanted - later:
        whom = "whoever is awake" if later else "everybody"
        record(session, swap, SwapEventKind.REMINDED, f"Reminder to {whom} who has not answered", now)
        tell(session, settings, swap, readers, "reminded", now, key)


def _turn(swap: Swap, now: datetime) -> None:
    """What falls due of the swap itself, whoever is told of it."""
    swap.remind_at = None
    if swap.expires_at <= now:
        action = SwapAction.COME_BACK if swap.state is SwapState.RUNNING else SwapAction.EXPIRE
        swap.state, swap.decided_at = after(swap.state, action), now
