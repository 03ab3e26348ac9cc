"""What has changed lately, of one service or of all. Its filter is in the address, so that it can be pasted."""

from urllib.parse import urlencode

from fastapi import APIRouter
from sqlmodel import col, select
from starlette.responses import Response

from oncall import changes
from oncall.models import Service
from web.edge import Page
from web.ids import read_id
from web.pages.page import show

router = APIRouter()

PER_PAGE = 50


@router.get("/changes")
def recent_changes(edge: Page, service: str = "", before: str = "") -> Response:
    seen = read_id(before)
    with edge.reading() as caller:
        rows = changes.recent(caller.session, service or None, PER_PAGE + 1, seen)
        services = caller.session.exec(select(Service.name).order_by(col(Service.name))).all()
    older = rows[PER_PAGE - 1][0].id if len(rows) > PER_PAGE else None
    context = {
        "changes": rows[:PER_PAGE],
        "wanted": service,
        "services": services,
        "seen": seen,
        "older": _address(service, older) if older else "",
        "newest": _address(service),
        "ingest": f"{edge.runtime.settings.public_url or str(edge.request.base_url).rstrip('/')}/ingest/change",
    }
    return show(edge, caller, "alerts/changes.html", context)


def _address(service: str, before: int | None = None) -> str:
    fields = {name: value for name, value in (("service", service), ("before", before)) if value}
    return f"/changes?{urlencode(fields)}" if fields else "/changes"
