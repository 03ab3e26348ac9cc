"""What a person wants to be told of their own shifts."""

from datetime import timedelta

from sqlmodel import Session

from oncall.config.values import LONGEST_AHEAD
from oncall.errors import BadInput
from oncall.models import User

MOST_AHEAD_HOURS = LONGEST_AHEAD // timedelta(hours=1)


def choose(
    session: Session,
    user: User,
    *,
    ahead_hours: int | None = None,
    start: bool | None = None,
    end: bool | None = None,
    weekly: bool | None = None,
) -> None:
    """What is None stays as it is. Raises BadInput."""
    if ahead_hours is not None and not 0 <= ahead_hours <= MOST_AHEAD_HOURS:
        raise BadInput(f"Say how many hours ahead: a whole number from 0 to {MOST_AHEAD_HOURS}.", field="ahead_hours")
    wanted = {
        "notice_ahead_hours": ahead_hours,
        "notice_start": start,
        "notice_end": end,
        "notice_weekly": weekly,
    }
    user.sqlmodel_update({column: value for column, value in wanted.items() if value is not None})
    session.add(user)
    session.flush()
