"""What somebody who has acted on alerts by a reply is told of what came of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from oncall.alerts import actions
from oncall.escalation.acknowledgements import count_said
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Delivery, Page, User

FEW = 8
"""Alerts that are told by their numbers."""
MOST_NAMED = 3


def told_of_several(
    session: Session, wanted: int, acted: Sequence[int], action: str, done: str, gone_on: int = 0
) -> str:
    """Of those that wait for more people after this one, no more than that is said."""
    waiting = actions.still_triggered(session, acted) if action == "acknowledge" else set()
    settled = [number for number in acted if number not in waiting]
    parts = [_counted(settled, done)] if settled or not waiting else []
    if waiting:
        parts.append(_counted(sorted(waiting), f"{done} by you, waiting for others to do so, too"))
    if gone_on:
        parts.append(f"{gone_on} had gone on to the next step already")
    if len(acted) + gone_on < wanted:
        parts.append(f"{wanted - len(acted) - gone_on} could not be")
    return "; ".join(parts)


def _counted(numbers: Sequence[int], what: str) -> str:
    shown = ", ".join(f"#{number}" for number in numbers[:FEW])
    more = f" and {len(numbers) - FEW} more" if len(numbers) > FEW else ""
    listed = f": {shown}{more}" if numbers else ""
    return f"{len(numbers)} alert{'' if len(numbers) == 1 else 's'} {what}{listed}"


def outcome(session: Session, alert: Alert, action: str, done: str, last_before: int) -> str:
    """Said truly of an acknowledgement that is not enough yet, and of whom an escalation pages."""
    if action == "escalate":
        return f"{done}{_to_whom(session, alert, last_before)}"
    is_one_of_several = action == "acknowledge" and alert.status is AlertStatus.TRIGGERED
    return f"{done} by you, {count_said(session, alert)}" if is_one_of_several else done


def who_had_it(session: Session, alert_id: int, user: User) -> str:
    """Before somebody acknowledges: who else has already, and is up."""
    alert = session.get(Alert, alert_id)
    is_had = alert is not None and alert.status is AlertStatus.ACKNOWLEDGED
    if alert is None or not is_had or alert.acknowledged_by_id in (None, user.id):
        return ""
    how = "had snoozed it" if alert.snoozed_until else "had it already"
    return f", {session.get_one(User, alert.acknowledged_by_id).name} {how}"


def last_page(session: Session) -> int:
    return session.exec(select(func.max(Page.id))).one() or 0


def _to_whom(session: Session, alert: Alert, last_before: int) -> str:
    """Those paged about it since that page."""
    now_or_later = (sa.exists().where(col(Delivery.page_id) == col(Page.id), each) for each in (_AT_ONCE, ~_AT_ONCE))
    paged = select(User.name, *now_or_later).join(Page).where(Page.alert_id == alert.id, col(Page.id) > last_before)
    rows = session.exec(paged.where(col(Page.is_shadow).is_(False)).order_by(col(Page.id)))
    names = [_named(*row) for row in rows]
    if not names:
        return ", but nobody else can be paged"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f" to {', '.join(names[:MOST_NAMED])}{more}"


def _named(name: str, at_once: bool, later: bool) -> str:
    return f"{name} (quiet hours: told when they end)" if later and not at_once else name


_AT_ONCE = col(Delivery.waits_from).is_(None)
