"""Who sleeps: what is no page, and nobody's deed of this moment, waits until their morning where it can."""

from datetime import datetime

from sqlmodel import Session

from oncall.delivery.quiet import awake_at
from oncall.models import User


class Asleep:
    """As of one moment; asks for each person once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        self._mornings: dict[int, datetime] = {}

    def until(self, user_id: int) -> datetime:
        """`now` for whoever is awake."""
        if user_id not in self._mornings:
            self._mornings[user_id] = awake_at(self._session.get_one(User, user_id), self._now)
        return self._mornings[user_id]

    def may_wait(self, user_id: int, begins: datetime | None) -> bool:
        """Whether they sleep, and wake up before `begins`; None is what has no time."""
        return self._now < self.until(user_id) and (begins is None or self.until(user_id) < begins)
