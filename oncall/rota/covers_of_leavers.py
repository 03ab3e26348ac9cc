"""What must stay as it is when a leaver's turn goes to another: the past of it, and the time that others cover."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, func, select

from oncall.models import Override, OverrideKind, OverrideSource
from schedules.spans import Span


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
                kind = OverrideKind.ADD if taker_id is None else override.kind
                _keep(session, override, kind, taker_id, start, end)
    session.flush()


def keep_covers_of(session: Session, cover: Override, taker_id: int | None, start: datetime) -> None:
    """From `start` on, of what a leaver had by `cover`, which goes to the taker; None: which falls away.

    What was made after it takes off the taker, or stands in its place. Whoever has given the leaver something and has
    it back needs neither.
    """
    kind, off = (cover.kind, cover.replaces_id) if taker_id is None else (None, taker_id)
    rows = select(Override).where(
        Override.schedule_id == cover.schedule_id,
        Override.level == cover.level,
        Override.replaces_id == cover.user_id,
        col(Override.user_id).is_not(None),
        col(Override.starts_at) < cover.ends_at,
        col(Override.ends_at) > start,
        col(Override.created_at) >= cover.created_at,
    )
    for override in session.exec(rows).all():
        is_later = override.created_at > cover.created_at or (override.id or 0) > (cover.id or 0)
        if is_later and override.user_id != off:
            _keep(session, override, kind or override.kind, off, start, cover.ends_at)
    session.flush()


def keep_past(
    session: Session,
    schedule_id: int,
    level: str,
    moved: Iterable[tuple[int, int | None]],
    spans: Iterable[Span],
    told_at: datetime,
    *,
    is_deserted: bool,
) -> None:
    """In `spans`, until now, the turn stays the leaver's: who was on call is not told anew.

    As if made before all overrides, which still apply to it; also before what was kept so of the same turn, for whoever
    has left since then. `is_deserted`: nobody has the turn any more, and a rotation below would show through.
    """
    of_level = Override.schedule_id == schedule_id, Override.level == level
    earliest = session.exec(select(func.min(Override.created_at)).where(*of_level)).one()
    made_at = min(told_at, earliest or told_at) - datetime.resolution
    for start, end in spans:
        for number, (leaver_id, taker_id) in enumerate(moved):
            is_beside = taker_id is None and not (is_deserted and number == 0)
            row = Override(
                schedule_id=schedule_id,
                level=level,
                kind=OverrideKind.ADD if is_beside else OverrideKind.REPLACE,
                user_id=leaver_id,
                replaces_id=taker_id,
                source=OverrideSource.ROTATION,
                starts_at=start,
                ends_at=end,
                created_at=made_at,
            )
            session.add(row)
    session.flush()


def _keep(
    session: Session, override: Override, kind: OverrideKind, off: int | None, start: datetime, end: datetime
) -> None:
    """In place where it is all of it, so that it keeps its number; else a part is made, at its place in the order."""
    begins, ends = max(override.starts_at, start), min(override.ends_at, end)
    if (override.starts_at, override.ends_at) == (begins, ends):
        override.replaces_id, override.kind = off, kind
        session.add(override)
    else:
        part = override.model_dump(exclude={"id"}) | {"replaces_id": off, "kind": kind}
        session.add(Override(**part | {"starts_at": begins, "ends_at": ends}))
