"""Who would be paged if this fired at …? Any service, any moment, any severity, by the engine that pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall.errors import BadInput
from oncall.escalation.preview import Moment, WouldPage, who_would_be_paged
from oncall.models import Service, Severity
from oncall.models.service import IN_USE
from oncall.moments import check_near
from oncall.setup.integration_keys import find_service
from schedules.wallclock import to_local
from web.edge import Caller, Page, PageEdge
from web.pages.page import show
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/would-page")


@router.get("")
def would_page(edge: Page, service: str = "", at: str = "", severity: str = Severity.CRITICAL) -> Response:
    """`at` is on the reader's clock; left empty it is now."""
    with edge.reading() as caller:
        names = caller.session.exec(select(Service.name).where(IN_USE).order_by(col(Service.name))).all()
    wanted = service or next(iter(names), "")
    found, refusal = None, ""
    try:
        found = _found(edge, caller, wanted, at, severity) if wanted else None
    except BadInput as error:
        refusal = error.detail
    context = {
        "services": names,
        "wanted": {"service": wanted, "at": at, "severity": severity},
        "severities": list(Severity),
        "found": found,
        "moments": _by_time(found.moments, found.at) if found else [],
        "first_round": _first_round(found.moments) if found else 0,
        "refusal": refusal,
        "nearby": _nearby(caller.now, ZoneInfo(caller.user.timezone)),
    }
    return show(edge, caller, "services/would_page.html", context, status=400 if refusal else 200)


def _found(edge: PageEdge, reader: Caller, service: str, at: str, severity: str) -> WouldPage:
    """Whoever else writes to SQLite waits while it is tried, and for nothing but that."""
    if severity not in list(Severity):
        raise BadInput(f"There is no severity “{severity}”: choose one of {', '.join(Severity)}.", field="severity")
    fires = wall_clock(at, ZoneInfo(reader.user.timezone), "it fires", "at") if at else reader.now
    check_near(fires, at, "at")
    with edge.runtime.database.trial() as session:
        asked = find_service(session, service)
        return who_would_be_paged(session, asked, Severity(severity), fires).seen_by(reader.user)


def _by_time(moments: Sequence[Moment], fired: datetime) -> list[tuple[datetime, timedelta, Sequence[Moment]]]:
    """What happens at one time, with how long after the alert fired."""
    return [(at, at - fired, list(together)) for at, together in groupby(moments, key=lambda moment: moment.at)]


def _first_round(moments: Sequence[Moment]) -> int:
    """How many times something happens before the steps are run again."""
    again = next((moment.at for moment in moments if moment.round), None)
    return len({moment.at for moment in moments if again is None or moment.at < again})


def _nearby(now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Moments that people ask about, as the form sends them."""
    local = to_local(now, zone)
    night = (local + timedelta(days=1)).replace(hour=3, minute=0)
    saturday = (local + timedelta(days=(5 - local.weekday()) % 7 or 7)).replace(hour=12, minute=0)
    return [
        ("now", ""),
        ("tonight at 3", f"{night:%Y-%m-%dT%H:%M}"),
        ("Saturday at noon", f"{saturday:%Y-%m-%dT%H:%M}"),
    ]
