"""What must stay as it is when a leaver's turn goes to another: the past of it, and the time that others cover."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.models import Override, OverrideKind, OverrideSource


def keep_covers(
    session: Session,
    schedule_id: int,
    level: str,
    moved: Iterable[tuple[int, int | None]],
    start: datetime,
    end: datetime,
) -> None:
    """For [start, end) of a turn that has `moved`, in pairs of user ids, from a leaver to somebody or to nobody.

    An override changes nothing while whoever it takes off is not on, so it takes off the new one from now on, or adds.
    """
    for leaver_id, taker_id in moved:
        rows = select(Override).where(
            Override.schedule_id == schedule_id,
            Override.level == level,
            Override.replaces_id == leaver_id,
            col(Override.user_id).is_not(None),
            col(Override.starts_at) < end,
            col(Override.ends_at) > start,
        )
        for override in session.exec(rows).all():
            if override.user_id != taker_id:
                _keep(session, override, taker_id, max(override.starts_at, start), min(override.ends_at, end))
    session.flush()


def keep_past(
    session: Session,
    schedule_id: int,
    level: str,
    moved: Iterable[tuple[int, int | None]],
    told_at: datetime,
    start: datetime,
    end: datetime,
) -> None:
    """Until `end`, which is now, the turn stays the leaver's: who was on call is not told anew.

    As if made when the turn was told, so that overrides made since then still apply to it.
    """
    for leaver_id, taker_id in moved:
        row = Override(
            schedule_id=schedule_id,
            level=level,
            kind=OverrideKind.ADD if taker_id is None else OverrideKind.REPLACE,
            user_id=leaver_id,
            replaces_id=taker_id,
            source=OverrideSource.ROTATION,
            starts_at=start,
            ends_at=end,
            created_at=told_at,
        )
        session.add(row)
    session.flush()


def _keep(session: Session, override: Override, taker_id: int | None, start: datetime, end: datetime) -> None:
    """In place where it is all of it, so that it keeps its number; else a part is made, at its place in the order."""
    kind = OverrideKind.ADD if taker_id is None else override.kind
    if (override.starts_at, override.ends_at) == (start, end):
        override.replaces_id, override.kind = taker_id, kind
        session.add(override)
    else:
        part = override.model_dump(exclude={"id"}) | {"replaces_id": taker_id, "kind": kind}
        session.add(Override(**part | {"starts_at": start, "ends_at": end}))
