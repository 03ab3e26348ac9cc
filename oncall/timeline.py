"""Writing an alert's story, one line at a time, in the transaction in which it happens."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.models import TimelineEntry, TimelineKind


def tell(
    session: Session, alert_id: int | None, kind: TimelineKind, text: str, now: datetime, user_id: int | None = None
) -> None:
    assert alert_id is not None
    session.add(TimelineEntry(alert_id=alert_id, at=now, kind=kind, text=text, user_id=user_id))


def tell_once(session: Session, alert_id: int | None, kind: TimelineKind, text: str, now: datetime) -> None:
    """Say it unless it has been said already: for what is tried again and again."""
    if not was_told(session, alert_id, kind, text):
        tell(session, alert_id, kind, text, now)


NEWS = (TimelineKind.PAGED, TimelineKind.TRIGGERED, TimelineKind.ESCALATED)


def was_told(
    session: Session, alert_id: int | None, kind: TimelineKind, text: str, *, as_beginning: bool = False
) -> bool:
    """Whether it, or something that begins so, was told since somebody was paged last, or it last began to page."""
    of_alert = select(func.max(TimelineEntry.id)).where(TimelineEntry.alert_id == alert_id)
    news = session.exec(of_alert.where(col(TimelineEntry.kind).in_(NEWS))).one() or 0
    same = col(TimelineEntry.text).startswith(text, autoescape=True) if as_beginning else TimelineEntry.text == text
    said = session.exec(of_alert.where(TimelineEntry.kind == kind, same)).one() or 0
    return said > news


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
