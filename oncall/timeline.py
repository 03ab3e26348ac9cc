"""Writing an alert's story, one line at a time, in the transaction in which it happens."""

from datetime import datetime, timedelta

from sqlmodel import Session, func, select

from oncall.models import TimelineEntry, TimelineKind


def tell(
    session: Session, alert_id: int | None, kind: TimelineKind, text: str, now: datetime, user_id: int | None = None
) -> None:
    assert alert_id is not None
    session.add(TimelineEntry(alert_id=alert_id, at=now, kind=kind, text=text, user_id=user_id))


def tell_once(session: Session, alert_id: int | None, kind: TimelineKind, text: str, now: datetime) -> None:
    """Say it unless it has been said since somebody was paged last: for what is tried again and again."""
    of_alert = select(func.max(TimelineEntry.id)).where(TimelineEntry.alert_id == alert_id)
    paged = session.exec(of_alert.where(TimelineEntry.kind == TimelineKind.PAGED)).one() or 0
    said = session.exec(of_alert.where(TimelineEntry.kind == kind, TimelineEntry.text == text)).one() or 0
    if said <= paged:
        tell(session, alert_id, kind, text, now)


def spell(duration: timedelta) -> str:
    """How long, as people say it: "40 s", "5 min", "2 h 5 min", "3 d"."""
    seconds = max(0, round(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"
