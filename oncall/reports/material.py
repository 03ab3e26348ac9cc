"""What reports are made of: whether there can be any, which is asked quickly however much there is."""

from collections.abc import Callable, Collection

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.models import Alert, Override, Page, PastPage, Schedule
from oncall.reports.pages_so_far import TABLES
from oncall.reports.scope import Scope
from oncall.reports.triggered import ACKNOWLEDGED_AT, triggered_in
from oncall.reports.window import Window

Material = Callable[[Window, Scope], sa.ColumnElement[bool]]


def there(session: Session, asked: Collection[Material], window: Window, scope: Scope) -> set[Material]:
    """Those of which there is some, by one question."""
    found = session.execute(sa.select(*(each(window, scope) for each in asked))).one()
    return {each for each, is_there in zip(asked, found, strict=True) if is_there}


def alerts(window: Window, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.exists().where(triggered_in(window.span, scope))


def answers(window: Window, scope: Scope) -> sa.ColumnElement[bool]:
    """Alerts that somebody has acknowledged, or that are over."""
    is_answered = sa.or_(ACKNOWLEDGED_AT.is_not(None), col(Alert.resolved_at).is_not(None))
    return sa.exists().where(triggered_in(window.span, scope), is_answered)


def pages(window: Window, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.or_(*(_is_paged(window, scope, table, of) for table, of in TABLES))


def _is_paged(
    window: Window, scope: Scope, table: type[Page] | type[PastPage], of: tuple[sa.ColumnElement[bool], ...]
) -> sa.ColumnElement[bool]:
    at = col(table.created_at)
    return sa.exists().where(col(table.user_id).in_(scope.people), at >= window.start, at < window.end, *of)


def shifts(window: Window, scope: Scope) -> sa.ColumnElement[bool]:
    """Those of a rotation count since its schedule was made. Whether there are any is worked out only by the report."""
    start, end = window.span
    is_made = sa.exists().where(col(Schedule.created_at) < end)
    is_overridden = sa.exists().where(col(Override.starts_at) < end, col(Override.ends_at) > start)
    return sa.and_(sa.literal(bool(scope.people)), sa.or_(is_made, is_overridden))
