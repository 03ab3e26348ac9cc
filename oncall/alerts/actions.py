"""What people do to an alert. Each locks it, checks the transition, tells the timeline and flushes; callers commit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from oncall.db.bulk import insert_many
from oncall.db.database import notify_engines
from oncall.delivery.outbox import call_back, cancel_pending
from oncall.delivery.updates import outdate
from oncall.errors import BadInput, Conflict, NotFound
from oncall.escalation.acknowledgements import (
    acknowledged_by,
    add_acknowledgement,
    count_said,
    keep_first_acknowledgement,
)
from oncall.escalation.policies import acknowledge_timeout, acknowledge_timeouts
from oncall.escalation.progress import rewind
from oncall.escalation.reasons import FROM_THE_START, reopen
from oncall.escalation.steps import run_step
from oncall.lifecycle.alert import TRANSITIONS, AlertAction, AlertStatus, after
from oncall.models import Alert, Delivery, Page, TimelineEntry, TimelineKind, User
from oncall.timeline import spell, tell

_timeline: sa.Table = TimelineEntry.__table__  # type: ignore[attr-defined]
AT_ONCE = 500
"""Alerts acted on in one statement: databases limit its parameters."""
LONGEST_SNOOZE = timedelta(days=7)
LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something and how: `via` is "by text", "by keypad", "on the web", "by API"."""

    user: User
    via: str

    @property
    def user_id(self) -> int | None:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    def __str__(self) -> str:
        return f"{self.user.name} {self.via}"


@dataclass(frozen=True, slots=True)
class Machine:
    """A sending tool that does something to an alert by its integration key, for nobody whom we know."""

    name: str
    user_id: None = None

    def __str__(self) -> str:
        return self.name


Doer = Actor | Machine


def get_alert(session: Session, alert_id: int, *, lock: bool = False) -> Alert:
    statement = select(Alert).where(Alert.id == alert_id)
    alert = session.exec(statement.with_for_update(key_share=True) if lock else statement).first()
    if alert is None:
        raise NotFound(f"There is no alert #{alert_id}.")
    return alert


def acknowledge(session: Session, alert_id: int, actor: Doer, now: datetime) -> Alert:
    """Somebody has it: pending deliveries are called back and escalation stops. Where several people must, that is so
    once they all have. Doing it twice changes nothing, but begins the time to resolve it anew, where there is one.
    """
    alert = get_alert(session, alert_id, lock=True)
    status, limit = after(alert.status, AlertAction.ACKNOWLEDGE), acknowledge_timeout(session, alert.policy_id)
    is_theirs = alert.status is AlertStatus.ACKNOWLEDGED and alert.acknowledged_by_id == actor.user_id
    is_again = is_theirs and not alert.snoozed_until
    if is_again and limit is None:
        return alert
    said = f"Acknowledged {'again ' if is_again else ''}by {actor}"
    if alert.status is AlertStatus.TRIGGERED and alert.acknowledgements_needed > 1:
        if not _is_last(session, alert, actor, now):
            return alert
        said += f": {count_said(session, alert)}"
    keep_first_acknowledgement(alert)
    alert.status, alert.acknowledged_at, alert.acknowledged_by_id = status, now, actor.user_id
    alert.snoozed_until = None
    _stop_paging(session, alert, now)
    if limit is not None:
        alert.next_step_at = now + limit
        said += f", to be resolved within {spell(limit)}"
    tell(session, alert.id, TimelineKind.ACKNOWLEDGED, said, now, actor.user_id)
    return alert


def _is_last(session: Session, alert: Alert, actor: Doer, now: datetime) -> bool:
    """Whether enough people have acknowledged with this one. If not, only this one is left in peace. A tool's word is
    enough, as it is in an event."""
    if actor.user_id is None:
        return True
    is_new = add_acknowledgement(session, alert, actor.user_id, now)
    if len(acknowledged_by(session, [alert.id])[alert.id]) >= alert.acknowledgements_needed:
        return True
    if is_new:
        said = f"Acknowledged by {actor}: {count_said(session, alert)}"
        tell(session, alert.id, TimelineKind.ACKNOWLEDGED, said, now, actor.user_id)
        call_back(session, (col(Page.alert_id) == alert.id) & (col(Page.user_id) == actor.user_id), now)
        outdate(session, [alert.id], now)
    return False


def snooze(session: Session, alert_id: int, actor: Doer, length: timedelta, now: datetime) -> Alert:
    """An acknowledgement that ends: after `length` the alert is triggered again and pages from the first step."""
    if not timedelta() < length <= LONGEST_SNOOZE:
        raise BadInput("A snooze lasts from one second to 7 days.", field="seconds")
    alert = get_alert(session, alert_id, lock=True)
    status = after(alert.status, AlertAction.SNOOZE)
    if alert.status is AlertStatus.TRIGGERED and alert.acknowledgements_needed > 1:
        raise Conflict(f"{count_said(session, alert)}: it can be snoozed once enough people have.")
    keep_first_acknowledgement(alert)
    alert.status = status
    alert.acknowledged_at, alert.acknowledged_by_id = now, actor.user_id
    _stop_paging(session, alert, now)
    alert.snoozed_until = alert.next_step_at = now + length
    tell(session, alert.id, TimelineKind.SNOOZED, f"Snoozed for {spell(length)} by {actor}", now, actor.user_id)
    return alert


def resolve(session: Session, alert_id: int, actor: Doer, now: datetime) -> Alert:
    """The problem is over. Doing it twice changes nothing."""
    alert = get_alert(session, alert_id, lock=True)
    if alert.status is AlertStatus.RESOLVED:
        return alert
    alert.status = after(alert.status, AlertAction.RESOLVE)
    alert.resolved_at, alert.resolved_by_id, alert.snoozed_until = now, actor.user_id, None
    _stop_paging(session, alert, now)
    tell(session, alert.id, TimelineKind.RESOLVED, f"Resolved by {actor}", now, actor.user_id)
    return alert


def escalate(session: Session, alert_id: int, actor: Doer, now: datetime) -> Alert:
    """Page the next step now, whether or not somebody has acknowledged. Whoever does it knows of the alert, and is left
    in peace where somebody else is paged.
    """
    alert = get_alert(session, alert_id, lock=True)
    reopen(session, alert, AlertAction.ESCALATE, now)
    tell(session, alert.id, TimelineKind.ESCALATED, f"Escalated by {actor}", now, actor.user_id)
    pages = sa.and_(col(Page.alert_id) == alert.id, col(Page.is_shadow).is_(False))
    is_earlier = col(Page.id) <= (session.exec(select(func.max(Page.id)).where(pages)).one() or 0)
    run_step(session, alert, now, f"escalated by {actor.name}")
    is_theirs = col(Page.user_id) == actor.user_id
    if session.exec(select(Page.id).where(pages, ~is_earlier, ~is_theirs).limit(1)).first() is not None:
        call_back(session, sa.and_(pages, is_earlier, is_theirs), now)
    notify_engines(session)
    return alert


def unacknowledge(session: Session, alert_id: int, actor: Doer, now: datetime) -> Alert:
    """Nobody has it: it pages again from the first step. One that nobody has acknowledged is left as it is."""
    alert = get_alert(session, alert_id, lock=True)
    if alert.status is AlertStatus.TRIGGERED:
        return alert
    reopen(session, alert, AlertAction.UNACKNOWLEDGE, now)
    rewind(alert)
    tell(session, alert.id, TimelineKind.TRIGGERED, f"Unacknowledged by {actor}: {FROM_THE_START}", now, actor.user_id)
    run_step(session, alert, now, f"unacknowledged by {actor.name}")
    notify_engines(session)
    return alert


def acknowledge_all(session: Session, alert_ids: Sequence[int], actor: Actor, now: datetime) -> list[int]:
    """Those that nobody has, however many, in a few statements. Gives their numbers.

    Where several people must, this one's counts as when it is given alone.
    """
    acted: list[int] = []
    for some in _portions(alert_ids):
        several = _locked_needing_several(session, some)
        timeouts = acknowledge_timeouts(session, some)
        alike: dict[timedelta | None, list[int]] = defaultdict(list)
        for each in some:
            if each not in several:
                alike[timeouts.get(each)].append(each)
        for limit, ids in alike.items():
            until = None if limit is None else now + limit
            columns = {"acknowledged_at": now, "acknowledged_by_id": actor.user_id, "next_step_at": until}
            acted += _act_on_all(session, ids, AlertAction.ACKNOWLEDGE, actor, columns, now)
        acted += [acknowledge(session, each, actor, now).id or each for each in several]
    return acted


def still_triggered(session: Session, alert_ids: Sequence[int]) -> set[int]:
    """Those of them that nobody has: several people must acknowledge them, and not enough have."""
    found: set[int] = set()
    for some in _portions(alert_ids):
        waiting = select(Alert.id).where(col(Alert.id).in_(some), Alert.status == AlertStatus.TRIGGERED)
        found |= {each for each in session.exec(waiting) if each is not None}
    return found


def _locked_needing_several(session: Session, alert_ids: Sequence[int]) -> list[int]:
    """Of those, the triggered ones that several people must acknowledge. All are locked, so that none changes before
    it is acted on, and in the order in which everybody locks them.
    """
    found = select(Alert.id, Alert.status, Alert.acknowledgements_needed).where(col(Alert.id).in_(alert_ids))
    rows = session.exec(found.order_by(col(Alert.id)).with_for_update(key_share=True)).all()
    return [each for each, status, needed in rows if each and status is AlertStatus.TRIGGERED and needed > 1]


def _portions(alert_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (alert_ids[start : start + AT_ONCE] for start in range(0, len(alert_ids), AT_ONCE))


def resolve_all(session: Session, alert_ids: Sequence[int], actor: Actor, now: datetime) -> list[int]:
    """Those that are open, however many, in a few statements. Gives their numbers."""
    columns = {"resolved_at": now, "resolved_by_id": actor.user_id, "snoozed_until": None, "next_step_at": None}
    return _act_on_all(session, alert_ids, AlertAction.RESOLVE, actor, columns, now)


def _act_on_all(
    session: Session,
    alert_ids: Sequence[int],
    action: AlertAction,
    actor: Actor,
    columns: dict[str, Any],
    now: datetime,
) -> list[int]:
    """Where it changes the status. All are locked in the order in which everybody locks them."""
    changing = [old for (old, did), new in TRANSITIONS.items() if did is action and new is not old]
    acted: list[int] = []
    for some in _portions(alert_ids):
        locked = select(Alert.id).where(col(Alert.id).in_(some), col(Alert.status).in_(changing))
        ids = [each for each in session.exec(locked.order_by(col(Alert.id)).with_for_update(key_share=True)) if each]
        status = after(changing[0], action)
        session.execute(sa.update(Alert).where(col(Alert.id).in_(ids)).values(status=status, **columns))
        kind, text = TimelineKind(status.value), f"{status.capitalize()} by {actor}"
        entries = [{"alert_id": each, "at": now, "kind": kind, "text": text, "user_id": actor.user_id} for each in ids]
        insert_many(session, _timeline, entries)
        cancel_pending(session, col(Delivery.alert_id).in_(ids), now)
        outdate(session, ids, now)
        acted += ids
    return acted


def note(session: Session, alert_id: int, actor: Doer, text: str, now: datetime) -> Alert:
    text = text.strip().replace("\0", "").replace("\r\n", "\n")  # browsers count a line's end once, and send two
    if not 0 < len(text) <= LONGEST_NOTE:
        raise BadInput(f"A note has 1 to {LONGEST_NOTE} characters.", field="text")
    alert = get_alert(session, alert_id, lock=True)
    tell(session, alert.id, TimelineKind.NOTE, f"{actor.name}: {text}", now, actor.user_id)
    session.flush()
    return alert


def _stop_paging(session: Session, alert: Alert, now: datetime) -> None:
    alert.next_step_at = None
    session.add(alert)
    session.flush()
    cancel_pending(session, col(Delivery.alert_id) == alert.id, now)
    outdate(session, [alert.id], now)
