"""A schedule with a turn a day, and a day to look at it from, for tests of what is published and of the past."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oncall.config.apply import apply, try_out
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Schedule, SwapPiece, User
from oncall.rota.coverage import final_shifts
from oncall.rota.plans import find_schedule
from oncall.rota.publishing import publish
from oncall.swaps.hand_over import hand_over

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COMPANY = """
users:
  - {handle: alice, name: Alice Archer, tags: [developer]}
  - {handle: bob, name: Bob Baker, tags: [developer]}
  - {handle: carol, name: Carol Cole, tags: [developer]}
  - {handle: dave, name: Dave Dunn}
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    horizon: 6 days
    rotations:
      - {name: developers, members: {tagged: developer}, start: 2026-01-05T10:00, shift: 1 day}
"""
DAVE_JOINS = "users: [{handle: dave, name: Dave Dunn, tags: [developer]}]"
CAROL_LEAVES = "users: [{handle: carol, name: Carol Cole, tags: []}]"


class Company:
    """The schedule dev with a turn a day, and a day to look at it from."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW

    def apply(self, text: str) -> None:
        with self.database.transaction() as session:
            apply(session, load(text), self.now, confirm=True)

    def told_before(self, text: str) -> list[str]:
        """What applying it would ask to be confirmed."""
        with self.database.transaction() as session:
            _, harm = try_out(session, load(text), self.now)
            session.rollback()
        return harm

    def publish(self) -> None:
        publish(self.database, self.now, only_if_changed=False)

    def told(self, days: int = 10) -> str:
        """Initials of whoever is on each day from the first on."""
        with self.database.read() as session:
            shifts = final_shifts(session, schedule(session), NOW, NOW + days * DAY)
            on = [next(s.handle for s in shifts if s.start <= NOW + day * DAY < s.end) for day in range(days)]
        return "".join(handle[0] for handle in on)


def schedule(session: Session) -> Schedule:
    return find_schedule(session, "dev")


on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
"""What is decided by Python from the same tables as in a test beside it, which is for both databases."""


TWO_DAYS = (
    "schedules: [{name: dev, rotations: [{name: developers, members: {tagged: developer},"
    " start: 2026-01-05T10:00, shift: 2 days}]}]"
)


def swap_the_8th(company: Company) -> None:
    """Of Alice, who gives it to Carol."""
    with company.database.transaction() as session:
        people = {user.handle: user.id or 0 for user in session.exec(select(User))}
        day = datetime(2026, 1, 8, 10, tzinfo=UTC)
        place = {"schedule_id": schedule(session).id or 0, "level": "L1", "starts_at": day, "ends_at": day + DAY}
        piece = SwapPiece(swap_id=0, giver_id=people["alice"], **place)
        hand_over(session, piece, people["carol"], people["carol"], company.now)
