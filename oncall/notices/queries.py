"""What is asked of notices: a person's latest, and how each was delivered."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session, col, select

from oncall.models import Delivery, Notice


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """`deliveries` in the order in which they were tried; none where no contact method could carry it."""

    notice: Notice
    deliveries: list[Delivery]


def notices_of(session: Session, user_id: int, limit: int, before: int | None = None) -> list[NoticeRow]:
    """Newest first; `before` is the id of the last one already seen."""
    statement = select(Notice).where(Notice.user_id == user_id)
    if before is not None:
        statement = statement.where(col(Notice.id) < before)
    found = session.exec(statement.order_by(col(Notice.id).desc()).limit(limit)).all()
    ids = [notice.id for notice in found]
    tried: dict[int | None, list[Delivery]] = defaultdict(list)
    for delivery in session.exec(select(Delivery).where(col(Delivery.notice_id).in_(ids)).order_by(col(Delivery.id))):
        tried[delivery.notice_id].append(delivery)
    return [NoticeRow(notice, tried[notice.id]) for notice in found]
