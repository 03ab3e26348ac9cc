"""Who sleeps: what is no page, and nobody's deed of this moment, waits until their morning where it can."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.delivery.quiet import awake_at
from oncall.models import User


class Asleep:
    """Of these people, as of one moment."""

    def __init__(self, session: Session, user_ids: Iterable[int], now: datetime) -> None:
        people = session.exec(select(User).where(col(User.id).in_(set(user_ids))))
        self._now, self._mornings = now, {user.id: awake_at(user, now) for user in people}

    def until(self, user_id: int) -> datetime:
        """`now` for whoever is awake."""
        return self._mornings[user_id]

    def may_wait(self, user_id: int, begins: datetime | None) -> bool:
        """Whether they sleep, and wake up before `begins`; None is what has no time."""
        return self._now < self.until(user_id) and (begins is None or self.until(user_id) < begins)
