"""Lists of alerts, newest first: by what they can be narrowed, and how far back one look goes.

Open alerts are few, and all of them are looked through. Closed ones become millions. Where an index leads to those that
are wanted nothing limits the search; else one look goes through LOOKED_THROUGH alerts, and the next goes on where it
ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from oncall.errors import BadInput
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, MaintenanceWindow, Page, Service, Team, Urgency, User
from oncall.models.alert import OPEN, SERVICE_WITHOUT_INDEX
from oncall.names import is_storable

LOOKED_THROUGH = 10_000
LONGEST_TEXT, MOST_LABELS = 200, 20
"""That can be asked for."""
FIRST, BEYOND = 1, 2**31 - 1
"""The lowest number that an alert can have, and one beyond the highest."""
_labels: sa.Column[dict[str, str]] = Alert.__table__.c.labels  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with the names that a list shows."""

    alert: Alert
    service: str
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """`status` None: all. `mine`: only those that this person was paged about. `labels`: with all of these. `since`,
    `until`: triggered in [since, until)."""

    open_only: bool = False
    status: AlertStatus | None = None
    service: str | None = None
    team: str | None = None
    urgency: Urgency | None = None
    text: str = ""
    mine: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    maintenance: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_of_open(self) -> bool:
        return self.open_only or self.status in (AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED)

    @property
    def needs_looking(self) -> bool:
        """Whether alerts must be looked at one by one."""
        narrows = (self.team, self.urgency, self.text, self.mine, self.labels)
        return not self.is_of_open and any(narrows)


@dataclass(frozen=True, slots=True)
class Found:
    """`older`: before which number the next look begins; None: there are no others. `looked_to`: how far back it was
    looked, where that was not to the end."""

    rows: list[AlertRow]
    older: int | None = None
    looked_to: datetime | None = None


def read_label(text: str) -> tuple[str, str]:
    """`cluster=prod` as a name and its text. Raises BadInput."""
    name, equals, value = text.partition("=")
    if not name.strip() or not equals or '"' in name or not is_storable(text):
        raise BadInput(f"“{text}” is not a label: write it like cluster=prod.", field="label")
    return name.strip(), value.strip()


def list_alerts(session: Session, wanted: AlertFilter, limit: int) -> list[AlertRow]:
    """However far back."""
    return _rows(session, wanted, limit, *_span_of(session, wanted, None))


def look_through(session: Session, wanted: AlertFilter, limit: int, before: int | None = None) -> Found:
    """As far back as one look goes."""
    first, end = _span_of(session, wanted, before)
    floor = max(first, _end(session, end) - LOOKED_THROUGH) if wanted.needs_looking else first
    rows = _rows(session, wanted, limit + 1, floor, end)
    if len(rows) > limit:
        return Found(rows[:limit], rows[limit - 1].alert.id)
    return Found(rows, floor, _when(session, floor)) if floor > first else Found(rows)


def with_names() -> Any:
    """Rows of AlertRow."""
    statement = select(Alert, Service.name, User.name).join(Service)
    return statement.outerjoin(User, col(User.id) == col(Alert.acknowledged_by_id))


def get_row(session: Session, alert: Alert) -> AlertRow:
    """The alert with its names."""
    by = session.get(User, alert.acknowledged_by_id) if alert.acknowledged_by_id else None
    return AlertRow(alert, session.get_one(Service, alert.service_id).name, by.name if by else None)


def count_open(session: Session, most: int) -> int:
    """How many are open; `most` where there are more."""
    some = select(Alert.id).where(OPEN).limit(most).subquery()
    return session.exec(select(sa.func.count()).select_from(some)).one()


def _span_of(session: Session, wanted: AlertFilter, before: int | None) -> tuple[int, int | None]:
    """The numbers to look among, [first, end). Alerts are numbered as they trigger."""
    at, number = col(Alert.triggered_at), col(Alert.id)
    first, end = FIRST, before
    if wanted.since is not None:
        first = session.exec(_of_all(sa.func.min, at >= wanted.since, at, number)).one() or BEYOND
    if wanted.until is not None:
        last = session.exec(_of_all(sa.func.max, at < wanted.until, at.desc(), number.desc())).one()
        end = min((last or 0) + 1, BEYOND if before is None else before)
    return first, end


def _of_all(least: Any, when: sa.ColumnElement[bool], *order: Any) -> Any:
    """The first number in this order, asked of each service by the index that reports have: one on times alone would
    cost every new alert something.
    """
    of_one = select(Alert.id).where(Alert.service_id == Service.id, when).order_by(*order).limit(1)
    each = select(of_one.correlate(Service).scalar_subquery().label("number")).select_from(Service).subquery()
    return select(least(each.c.number))


def _end(session: Session, end: int | None) -> int:
    return (session.exec(select(sa.func.max(col(Alert.id)))).one() or 0) + 1 if end is None else end


def _when(session: Session, number: int) -> datetime | None:
    """When alerts of about this number triggered: it may itself be deleted."""
    near = select(Alert.triggered_at).where(col(Alert.id) >= number).order_by(col(Alert.id)).limit(1)
    return session.exec(near).first()


def _rows(session: Session, wanted: AlertFilter, limit: int, first: int, end: int | None) -> list[AlertRow]:
    number = col(Alert.id) + 0 if wanted.is_of_open else col(Alert.id)  # without its index, too
    conditions = _conditions(wanted, first, end)
    if first > FIRST:
        conditions.append(number >= first)
    if end is not None:
        conditions.append(number < end)
    rows = session.exec(with_names().where(*conditions).order_by(col(Alert.id).desc()).limit(limit))
    return [AlertRow(alert, service, name) for alert, service, name in rows]


def _conditions(wanted: AlertFilter, first: int, end: int | None) -> list[Any]:
    found: list[Any] = [_labels[name].as_string() == text for name, text in wanted.labels.items()]
    if wanted.is_of_open:
        found.append(OPEN)
    if wanted.status is not None:
        found.append(Alert.status == wanted.status)
    if wanted.service:
        of_service = select(Service.id).where(Service.name == wanted.service).scalar_subquery()
        found.append(_service(wanted) == of_service)
    if wanted.team:
        team = select(Team.id).where(Team.name == wanted.team).scalar_subquery()
        found.append(SERVICE_WITHOUT_INDEX.in_(select(Service.id).where(Service.team_id == team)))
    if wanted.urgency is not None:
        found.append(Alert.urgency == wanted.urgency)
    if wanted.text:
        texts = (col(Alert.summary), col(Alert.source))
        found.append(or_(*(each.icontains(wanted.text, autoescape=True) for each in texts)))
    if wanted.mine is not None:
        found.append(_paged(wanted, wanted.mine, first, end))
    if wanted.maintenance:
        window = select(MaintenanceWindow.id).where(MaintenanceWindow.name == wanted.maintenance)
        found.append(col(Alert.maintenance_id).in_(window))
    return found


def _paged(wanted: AlertFilter, user_id: int, first: int, end: int | None) -> Any:
    """Whether the person was paged about it: asked of each of the few open ones, and else begun from the pages."""
    pages = select(Page.alert_id).where(Page.user_id == user_id)
    if wanted.is_of_open:
        return pages.where(Page.alert_id == Alert.id).exists()
    among = pages.where(col(Page.alert_id) >= first, col(Page.alert_id) < (BEYOND if end is None else end))
    return col(Alert.id).in_(among)


def _service(wanted: AlertFilter) -> Any:
    return SERVICE_WITHOUT_INDEX if wanted.is_of_open or wanted.needs_looking else col(Alert.service_id)
