"""Quiet hours, as their owner sets them."""

from sqlmodel import Session

from oncall.config.values import check_quiet_hours, check_zone
from oncall.models import User
from oncall.names import checked


def set_quiet_hours(session: Session, user: User, hours: str | None, timezone: str | None = None) -> None:
    """None of `hours`, or nothing: none any more. In the person's own zone unless another is named. Raises BadInput."""
    hours, timezone = (hours or "").strip(), (timezone or "").strip()
    user.quiet_hours = checked(check_quiet_hours, hours, "hours") if hours else None
    user.quiet_timezone = checked(check_zone, timezone, "timezone") if hours and timezone else None
    session.add(user)
    session.flush()
