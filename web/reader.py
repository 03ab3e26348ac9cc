"""Who reads a page, as every page shows it: their menu, their clock, what waits for them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from oncall.auth import sessions
from oncall.auth.permissions import Permission, is_allowed
from oncall.errors import NotSignedIn
from oncall.models import User
from oncall.running.runtime import Runtime
from oncall.swaps.queries import waiting_count
from web.edge import COOKIE


def as_reader(user: User, swaps_waiting: int, now: datetime) -> dict[str, Any]:
    return {
        "me": user,
        "zone": ZoneInfo(user.timezone),
        "now": now,
        "swaps_waiting": swaps_waiting,
        "may": {permission.name for permission in Permission if is_allowed(user, permission)},
    }


def reader_if_known(request: Request) -> dict[str, Any]:
    """For pages that anybody may see, errors above all. Empty for a stranger."""
    if COOKIE not in request.cookies:
        return {}
    runtime: Runtime = request.app.state.runtime
    now = runtime.clock()
    try:
        with runtime.database.read() as session:
            user, swaps_waiting = sessions.user_with(session, request.cookies[COOKIE], now, waiting_count())
            return as_reader(user, swaps_waiting, now)
    except (NotSignedIn, SQLAlchemyError):  # what went wrong may be the database: the error is told all the same
        return {}
