"""Windows of maintenance: planned, ended early, extended, called off, and listed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from oncall.config.values import check_name, check_zone, write_datetime
from oncall.errors import BadInput, Conflict, NotFound
from oncall.lifecycle.alert import AlertStatus
from oncall.maintenance.holding import look_again
from oncall.maintenance.occurrences import occurrence
from oncall.maintenance.permits import check_may_change, check_may_decide
from oncall.models import Alert, MaintenanceWindow, Service, Team, User
from oncall.names import checked
from oncall.rota.overrides import check_times
from schedules.errors import ScheduleError
from schedules.recurrence import Recurrence, read_rule, why_never
from schedules.spans import Span
from schedules.wallclock import to_local

LONGEST_REASON = 300


class WindowState(StrEnum):
    ON = "on"
    TO_COME = "to_come"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class NewWindow:
    """Of a service or a team. Times are aware; what repeats does so at their wall-clock times in the zone.

    Without a name it gets one.
    """

    of: Service | Team
    start: datetime
    end: datetime
    timezone: str
    reason: str = ""
    repeats: str | None = None
    pages_critical: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window with what a list shows. `held` alerts triggered in it, of which so many are `still_open`."""

    window: MaintenanceWindow
    service: str | None
    team: str | None
    owner_id: int | None
    """The team whose managers decide about it."""
    span: Span
    state: WindowState
    held: int
    still_open: int


def plan_window(session: Session, by: User, wanted: NewWindow, now: datetime) -> MaintenanceWindow:
    """Planned twice without a name, it is there once: forms are sent again, and whoever ends it means it to be over.

    Raises Forbidden, BadInput for what can't be, and Conflict for a name that is taken.
    """
    check_may_decide(session, by, wanted.of)
    zone = ZoneInfo(checked(check_zone, wanted.timezone, "timezone"))
    check_times("maintenance", wanted.start, wanted.end, now)
    start, end = _to_the_second(max(wanted.start, now), zone), _to_the_second(wanted.end, zone)
    repeats = check_repeats(wanted.repeats, start, end, zone) if wanted.repeats else None
    reason = wanted.reason.strip()
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"A reason has {LONGEST_REASON} characters at most.", field="reason")
    first = max(wanted.start, now), wanted.end
    if repeats is not None:
        first = Recurrence(repeats, start, end, zone).next(now) or first
    says: dict[str, Any] = {
        "service_id": wanted.of.id if isinstance(wanted.of, Service) else None,
        "team_id": wanted.of.id if isinstance(wanted.of, Team) else None,
        "reason": reason,
        "end": write_datetime(end),
        "timezone": zone.key,
        "repeats": repeats,
        "pages_critical": wanted.pages_critical,
        "ends_at": first[1],
    }
    if not wanted.name.strip() and (as_before := _planned_before(session, says, first[0])) is not None:
        return as_before
    window = MaintenanceWindow(
        name=_free_name(session, wanted, start),
        start=write_datetime(start),
        starts_at=first[0],
        created_by_id=by.id,
        created_at=now,
        **says,
    )
    session.add(window)
    session.flush()
    return window


def _to_the_second(at: datetime, zone: ZoneInfo) -> datetime:
    """On the clock on the wall: a rule knows no less, and would miss the occurrence that begins now."""
    return to_local(at, zone).replace(microsecond=0)


def check_repeats(rule: str, start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The rule of a window with these wall-clock times. Raises BadInput."""
    try:
        read = read_rule(rule)
    except ScheduleError as error:
        raise BadInput(str(error), field="repeats") from None
    if problem := why_never(read, start, end, zone):
        raise BadInput(f"“repeats” {problem}.", field="repeats")
    return read


def _planned_before(session: Session, says: dict[str, Any], start: datetime) -> MaintenanceWindow | None:
    """One that says the same, and began no later."""
    same = select(MaintenanceWindow).filter_by(**says).where(col(MaintenanceWindow.starts_at) <= start)
    return session.exec(same).first()


def _free_name(session: Session, wanted: NewWindow, start: datetime) -> str:
    if wanted.name.strip():
        name = checked(check_name, wanted.name, "name")
        if _find(session, name) is not None:
            raise Conflict(f"There is a maintenance window “{name}” already: choose another name.", field="name")
        return name
    stem = f"{wanted.of.name[:70]} {start:%Y-%m-%d %H:%M}"
    name, number = stem, 2
    while _find(session, name) is not None:
        name, number = f"{stem} ({number})", number + 1
    return name


def end_window(session: Session, by: User, name: str, now: datetime) -> MaintenanceWindow:
    """Now: what it holds is paged. One that repeats comes again. Raises NotFound, Forbidden, or Conflict when it is not
    on.
    """
    window = _to_change(session, by, name)
    start, end = occurrence(window, now)
    if not start <= now < end:
        raise Conflict(f"Maintenance “{name}” is not on now: there is nothing to end.")
    return _move(session, window, (start, now), now)


def extend_window(session: Session, by: User, name: str, until: datetime, now: datetime) -> MaintenanceWindow:
    """The occurrence that is on, or comes next, ends then. Raises NotFound, Forbidden, BadInput, or Conflict when it is
    over.
    """
    window = _to_change(session, by, name)
    start, end = occurrence(window, now)
    if end <= now:
        raise Conflict(f"Maintenance “{name}” is over: plan another.")
    check_times("maintenance", max(start, now), until, now)
    return _move(session, window, (start, until), until)


def call_off(session: Session, by: User, name: str, now: datetime) -> None:
    """It is gone, with all that were to come; what it holds is paged. Raises NotFound or Forbidden."""
    window = _to_change(session, by, name)
    look_again(session, window, now)
    session.delete(window)
    session.flush()


def _move(session: Session, window: MaintenanceWindow, span: Span, look_at: datetime) -> MaintenanceWindow:
    window.starts_at, window.ends_at = span
    session.add(window)
    session.flush()
    look_again(session, window, look_at)
    return window


def _to_change(session: Session, by: User, name: str) -> MaintenanceWindow:
    window = find_window(session, name)
    check_may_change(session, by, window)
    return window


def find_window(session: Session, name: str) -> MaintenanceWindow:
    window = _find(session, name)
    if window is None:
        raise NotFound(f"There is no maintenance window “{name}”.")
    return window


def _find(session: Session, name: str) -> MaintenanceWindow | None:
    return session.exec(select(MaintenanceWindow).where(MaintenanceWindow.name == name)).first()


def list_windows(session: Session, now: datetime, *, service: str = "") -> list[WindowRow]:
    """All, or those that are about the service of this name: what is on first, then what comes next, then what is
    over.
    """
    statement = (
        select(MaintenanceWindow, Service.name, Team.name, func.coalesce(Service.team_id, MaintenanceWindow.team_id))
        .outerjoin(Service, col(Service.id) == col(MaintenanceWindow.service_id))
        .outerjoin(Team, col(Team.id) == col(MaintenanceWindow.team_id))
        .order_by(col(MaintenanceWindow.id))
    )
    if service:
        id_, team_id = (
            select(column).where(Service.name == service).scalar_subquery() for column in (Service.id, Service.team_id)
        )
        statement = statement.where(
            (col(MaintenanceWindow.service_id) == id_) | (col(MaintenanceWindow.team_id) == team_id)
        )
    found = session.exec(statement).all()
    if not found:
        return []
    counts = _counts(session)
    rows = [
        WindowRow(window, service_name, team, owner, occurrence(window, now), state_of(window, now), *counts[window.id])
        for window, service_name, team, owner in found
    ]
    return sorted(rows, key=_order)


def window_names(session: Session, alerts: Sequence[Alert]) -> dict[int | None, str]:
    """Of the windows in which these were held, by id."""
    ids = {alert.maintenance_id for alert in alerts if alert.maintenance_id is not None}
    rows = session.exec(select(MaintenanceWindow).where(col(MaintenanceWindow.id).in_(ids))) if ids else ()
    return {window.id: window.name for window in rows}


def state_of(window: MaintenanceWindow, now: datetime) -> WindowState:
    start, end = occurrence(window, now)
    if end <= now:
        return WindowState.OVER
    return WindowState.ON if start <= now else WindowState.TO_COME


def windows_in_force(session: Session, now: datetime, service: str = "") -> list[WindowRow]:
    """Those that are on, of all services or of this one."""
    return [row for row in list_windows(session, now, service=service) if row.state is WindowState.ON]


def _order(row: WindowRow) -> tuple[int, float]:
    start, end = row.span
    if row.state is WindowState.OVER:
        return 2, -end.timestamp()
    return (0, end.timestamp()) if row.state is WindowState.ON else (1, start.timestamp())


def _counts(session: Session) -> dict[int | None, tuple[int, int]]:
    """By window, how many alerts it has held, and how many of those are open."""
    counts: dict[int | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
    held = select(Alert.maintenance_id, Alert.status, func.count()).where(col(Alert.maintenance_id).is_not(None))
    for window_id, status, count in session.exec(held.group_by(col(Alert.maintenance_id), col(Alert.status))):
        every, still_open = counts[window_id]
        counts[window_id] = every + count, still_open + (0 if status is AlertStatus.RESOLVED else count)
    return counts
