"""Whoever escalates means the next step as they knew it: pressed twice, or by two, on two devices, it is run once."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.alerts.actions import get_alert
from oncall.errors import Conflict
from oncall.escalation.progress import place_of
from oncall.lifecycle.alert import AlertStatus
from oncall.models import InboundMessage, Page, TimelineEntry, TimelineKind, User

NOT_ESCALATED = "Not escalated: it has gone on to its next step since you were"
SENT_AGAIN = timedelta(minutes=1)
"""What is said again so soon may be the same: a phone or a carrier sent it twice."""


class GoneOn(Conflict):
    """Another step has been run: more people would be paged than anybody meant. Says who was paged last."""

    def __init__(self, session: Session, alert_id: int, told: str, then: str = "") -> None:
        pages = select(Page.round, Page.step, User.name).join(User).where(Page.alert_id == alert_id)
        rows = session.exec(pages.where(col(Page.is_shadow).is_(False)).order_by(col(Page.id))).all()
        names = dict.fromkeys(name for *step, name in rows if step == list(rows[-1][:2]))
        last = f" {' and '.join(names)} {'was' if len(names) == 1 else 'were'} paged last." if names else ""
        super().__init__(f"{NOT_ESCALATED} {told} it.{last}{then}")


def check_place(session: Session, alert_id: int, shown: str) -> None:
    """Before somebody escalates by a form that has `shown` the place of the next step; "" is any."""
    alert = get_alert(session, alert_id, lock=True)
    if shown not in ("", place_of(alert)) and alert.status is not AlertStatus.RESOLVED:
        raise GoneOn(session, alert_id, "shown")


def check_told(session: Session, alert_id: int, user: User, address: str, now: datetime) -> None:
    """Before somebody escalates by a message from `address`, which shows no place. Whoever is told may say it again."""
    if get_alert(session, alert_id, lock=True).status is AlertStatus.RESOLVED:
        return
    told_at = _told_at(session, alert_id, user, address, now)
    escalated = select(TimelineEntry.id).where(*_escalations(alert_id))
    later = [escalated.where(TimelineEntry.at > (told_at or now - SENT_AGAIN))]
    if told_at is not None:
        pages = select(Page.id).where(Page.alert_id == alert_id, col(Page.is_shadow).is_(False))
        later.append(pages.where(Page.created_at > told_at))
    if any(session.exec(each.limit(1)).first() is not None for each in later):
        raise GoneOn(session, alert_id, "told of", " Escalate again to page whoever is next, too.")


def _told_at(session: Session, alert_id: int, user: User, address: str, now: datetime) -> datetime | None:
    """When they were paged last, or had escalated it themselves, or heard that it has gone on. None: never."""
    paged = select(func.max(col(Page.created_at))).where(Page.alert_id == alert_id, Page.user_id == user.id)
    escalated = select(func.max(col(TimelineEntry.at))).where(
        *_escalations(alert_id), TimelineEntry.user_id == user.id, TimelineEntry.at < now - SENT_AGAIN
    )
    heard = select(func.max(col(InboundMessage.received_at))).where(
        InboundMessage.address == address, col(InboundMessage.answer).startswith(f"#{alert_id}: {NOT_ESCALATED}")
    )
    known = [at for each in (paged, escalated, heard) if (at := session.exec(each).one()) is not None]
    return max(known, default=None)


def _escalations(alert_id: int) -> tuple[bool, bool]:
    return TimelineEntry.alert_id == alert_id, TimelineEntry.kind == TimelineKind.ESCALATED
