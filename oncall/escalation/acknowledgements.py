"""Who has acknowledged an alert of which several people must, and when it first was."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, delete, select

from oncall.models import Acknowledgement, Alert


def add_acknowledgement(session: Session, alert: Alert, user_id: int, now: datetime) -> bool:
    """False when this person's is there already."""
    assert alert.id is not None
    if session.get(Acknowledgement, (alert.id, user_id)) is not None:
        return False
    session.add(Acknowledgement(alert_id=alert.id, user_id=user_id, at=now))
    session.flush()
    return True


def acknowledged_by(session: Session, alert_ids: Iterable[int | None]) -> defaultdict[int | None, list[int]]:
    """By alert, the ids of those who have, in the order in which they did."""
    found: defaultdict[int | None, list[int]] = defaultdict(list)
    rows = session.exec(select(Acknowledgement).where(col(Acknowledgement.alert_id).in_(list(alert_ids))))
    for row in sorted(rows, key=lambda row: row.at):
        found[row.alert_id].append(row.user_id)
    return found


def keep_first_acknowledgement(alert: Alert) -> None:
    """Before `acknowledged_at` changes: how long the answer took is counted to the first one."""
    alert.first_acknowledged_at = alert.first_acknowledged_at or alert.acknowledged_at


def count_said(session: Session, alert: Alert) -> str:
    """Such as "1 of 2 have acknowledged"."""
    have = len(acknowledged_by(session, [alert.id])[alert.id])
    return f"{have} of {alert.acknowledgements_needed} have acknowledged"


def forget_acknowledgements(session: Session, alert: Alert) -> None:
    session.exec(delete(Acknowledgement).where(col(Acknowledgement.alert_id) == alert.id))
