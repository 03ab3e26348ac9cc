"""Which alerts a reply is about that names none: those that its sender was told of, and that wait for such answers."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from notifiers.replies import FOR_ALL, Action, Reply
from oncall.delivery.outcomes import MOST_NAMED
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Acknowledgement, Alert, Page, User

NOTHING_WAITS = "No open alert of yours is waiting for an answer."
WRITTEN: dict[Action, str] = {"acknowledge": "ack", "resolve": "resolve", "escalate": "esc"}
"""As we ask for them."""


def waiting_for(action: str) -> list[AlertStatus]:
    """Those that nobody has; to resolve, those that somebody has, too."""
    return [AlertStatus.TRIGGERED, *([AlertStatus.ACKNOWLEDGED] if action == "resolve" else [])]


def meant(session: Session, reply: Reply, senders: Collection[int], told_by: datetime) -> tuple[list[int], str]:
    """The alerts a reply is about, or the sentence that asks for more."""
    if reply.number is not None:
        return [reply.number], ""
    open_ids = open_alerts_paged_to(session, senders, told_by, waiting_for(reply.action))
    if not open_ids and reply.action == "escalate":  # by whoever has it, and can't mend it
        open_ids = _acknowledged_by(session, senders)
    if not open_ids:
        return [], NOTHING_WAITS[:-1] + _who_has_them(session, senders, told_by) + "."
    if len(open_ids) > 1 and not reply.all:
        return [], _which(reply.action, open_ids)
    return open_ids, ""


def _who_has_them(session: Session, senders: Collection[int], told_by: datetime) -> str:
    """Of the alerts that they were told of and somebody has, the newest: ": Bob Nguyen has #12, you have #13"."""
    newest = open_alerts_paged_to(session, senders, told_by, [AlertStatus.ACKNOWLEDGED])[-MOST_NAMED:]
    rows = session.exec(
        select(Alert.id, User.id, User.name)
        .join(User, col(User.id) == col(Alert.acknowledged_by_id))
        .where(col(Alert.id).in_(newest))
        .order_by(col(Alert.id))
    )
    said = [f"you have #{number}" if who in senders else f"{name} has #{number}" for number, who, name in rows]
    return f": {', '.join(said)}" if said else ""


def _which(action: Action, open_ids: Sequence[int]) -> str:
    """In the sender's own word: whoever escalates must not be led to acknowledge."""
    shown, word = ", ".join(f"#{number}" for number in open_ids[:8]), WRITTEN[action]
    or_all = f", or “{word} all”" if action in FOR_ALL else ""
    return f"{len(open_ids)} alerts are open: {shown}. Say which, such as “{word} {open_ids[0]}”{or_all}."


def open_alerts_paged_to(
    session: Session, user_ids: Collection[int], told_by: datetime, statuses: Sequence[AlertStatus]
) -> list[int]:
    """What was taken from them, or they gave away, is meant only where nothing else is: others are paged about it."""
    paged = (
        select(Alert.id)
        .join(Page)
        .where(
            col(Page.user_id).in_(user_ids),
            col(Alert.status).in_(statuses),
            col(Page.is_shadow).is_(False),
            col(Page.created_at) <= told_by,
        )
        .distinct()
        .order_by(col(Alert.id))
    )
    ids = session.exec(paged.where(_is_still_theirs())).all() or session.exec(paged).all()
    return [alert_id for alert_id in ids if alert_id is not None]


def _acknowledged_by(session: Session, user_ids: Collection[int]) -> list[int]:
    theirs = (Alert.status == AlertStatus.ACKNOWLEDGED, col(Alert.acknowledged_by_id).in_(user_ids))
    return [each for each in session.exec(select(Alert.id).where(*theirs).order_by(col(Alert.id))) if each is not None]


def _is_still_theirs() -> sa.ColumnElement[bool]:
    """Nobody took over from them; or they have it, or were one of several who do."""
    of_them = col(Acknowledgement.user_id) == col(Page.user_id)
    is_one_of_several = sa.exists().where(col(Acknowledgement.alert_id) == col(Page.alert_id), of_them)
    has_it = col(Alert.acknowledged_by_id) == col(Page.user_id)
    return col(Page.relieved_at).is_(None) | has_it | is_one_of_several
