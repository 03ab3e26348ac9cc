"""Open alerts go to whoever takes a level over: paged to them at once, called back from whoever is relieved."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.db.database import notify_engines
from oncall.delivery.outbox import NewPage, Reach, call_back, send_pages
from oncall.escalation.policies import policy_of
from oncall.escalation.target_text import Target
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page, Schedule, TimelineKind, User
from oncall.models.alert import OPEN
from oncall.timeline import tell


def hand_over_alerts(
    session: Session, schedule: Schedule, level: str, relieved_id: int, taker: User, now: datetime
) -> list[int]:
    """Those for which the relieved person was paged by this schedule. Gives the numbers of those nobody has yet."""
    relieved, where = session.get_one(User, relieved_id), f"{schedule.name} {level}"
    alerts = [alert for alert in _open(session, relieved_id) if _pages(session, alert, schedule, level)]
    unanswered = [alert for alert in alerts if alert.status is AlertStatus.TRIGGERED]
    for alert in alerts:
        if alert.status is AlertStatus.ACKNOWLEDGED:
            text = f"{taker.name} has taken over {where} from {relieved.name}"
            tell(session, alert.id, TimelineKind.NOTE, text, now, taker.id)
    _page(session, unanswered, relieved, taker, where, now)
    _call_back(session, unanswered, relieved_id, now)
    return [alert.id or 0 for alert in unanswered]


def _call_back(session: Session, alerts: Sequence[Alert], relieved_id: int, now: datetime) -> None:
    call_back(session, _paged(relieved_id) & col(Page.alert_id).in_([alert.id for alert in alerts]), now)


def _paged(user_id: int) -> sa.ColumnElement[bool]:
    """Pages to them that want an answer of theirs."""
    return (col(Page.user_id) == user_id) & col(Page.is_shadow).is_(False)


def _open(session: Session, relieved_id: int) -> Sequence[Alert]:
    paged = select(Page.alert_id).where(_paged(relieved_id))
    statement = select(Alert).where(OPEN, col(Alert.id).in_(paged)).order_by(col(Alert.id))
    return session.exec(statement.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def _pages(session: Session, alert: Alert, schedule: Schedule, level: str) -> bool:
    """Whether its escalation policy has a step for this level: what others page somebody for stays with them."""
    steps = policy_of(session, alert).steps
    targets = [Target.parse(text) for step in steps for text in step.page]
    return any(t.kind == "schedule" and t.name == schedule.name and t.part in (None, level) for t in targets)


def _page(session: Session, alerts: Sequence[Alert], relieved: User, taker: User, where: str, now: datetime) -> None:
    assert taker.id is not None
    reach = Reach(session)
    reach.load([taker.id])
    pages = []
    for alert in alerts:
        last = session.exec(
            select(Page)
            .where(Page.alert_id == alert.id, _paged(relieved.id or 0))
            .order_by(col(Page.id).desc())
            .limit(1)
        ).one()
        reason = f"took over from {relieved.name}"
        tell(session, alert.id, TimelineKind.PAGED, f"Paged {taker.name} ({where}): {reason}", now, taker.id)
        pages.append(NewPage(alert.id or 0, taker.id, last.step, last.round, reason, alert.urgency, now))
    send_pages(session, pages, reach, now)
    notify_engines(session)
