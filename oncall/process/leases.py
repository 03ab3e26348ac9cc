"""What only one process does at a time: taken in the database, kept by renewing it, free when its holder has died."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, update

from oncall.db.upsert import insert
from oncall.models import Lease

_leases: sa.Table = Lease.__table__  # type: ignore[attr-defined]


def take(session: Session, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Whether it is the holder's until `now + length`: taken anew, or renewed. Of two who try at once, one has it."""
    until = now + length
    statement = (
        insert(session, _leases)
        .values(name=name, holder=holder, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "until": until},
            where=(_leases.c.holder == holder) | (_leases.c.until <= now),
        )
    )
    return session.execute(statement.returning(_leases.c.name)).first() is not None


def give_back(session: Session, name: str, holder: str, now: datetime) -> None:
    """Another process need not wait for its end."""
    mine = (col(Lease.name) == name, col(Lease.holder) == holder)
    session.exec(update(Lease).where(*mine).values(until=now))


def say_working(session: Session, name: str, now: datetime) -> None:
    session.exec(update(Lease).where(col(Lease.name) == name).values(worked_at=now))


def worked_at(session: Session, name: str) -> datetime | None:
    """When a holder last did its work."""
    lease = session.get(Lease, name)
    return lease.worked_at if lease else None
