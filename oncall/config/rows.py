"""Rows made to match what is wanted.

Through the session, row by row and never in bulk: the session renews the revision when it sees who is on call change.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from oncall.models import EscalationPolicy, Heartbeat, MaintenanceWindow, Schedule, Service, Team, User
from oncall.models.service import IN_FORCE

Row = TypeVar("Row", bound=SQLModel)
Named = TypeVar("Named", Team, Schedule, Service, Heartbeat, MaintenanceWindow)
Key = TypeVar("Key")


def fill(session: Session, row: Row, values: Mapping[str, Any]) -> Row:
    """Set the columns and add the row; the session writes only those that differ."""
    for column, value in values.items():
        setattr(row, column, value)
    session.add(row)
    return row


def match(
    session: Session,
    table: type[Row],
    present: Mapping[Key, Row],
    wanted: Mapping[Key, Mapping[str, Any]],
) -> None:
    """Leave the rows `wanted`, whose values are all their columns: change, make and delete as it takes."""
    for key, row in present.items():
        if key not in wanted:
            session.delete(row)
    for key, values in wanted.items():
        if key in present:
            fill(session, present[key], values)
        else:
            session.add(table(**values))
    session.flush()


def user_ids(session: Session, handles: Iterable[str]) -> dict[str, int]:
    wanted = set(handles)
    rows = session.exec(select(User).where(col(User.handle).in_(wanted))) if wanted else ()
    return {row.handle: row.id for row in rows if row.id is not None}


def by_name(session: Session, table: type[Named], names: Iterable[str]) -> dict[str, Named]:
    wanted = list(names)  # mostly of nobody: most configs differ in one section
    rows = session.exec(select(table).where(col(table.name).in_(wanted))) if wanted else ()
    return {row.name: row for row in rows}


def policies_by_name(session: Session, names: Iterable[str]) -> dict[str, EscalationPolicy]:
    """Those in force."""
    wanted = select(EscalationPolicy).where(IN_FORCE, col(EscalationPolicy.name).in_(list(names)))
    return {row.name: row for row in session.exec(wanted)}
