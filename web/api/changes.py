"""Change events: what was deployed, switched or configured. They never page; alerts that follow show them."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall import changes
from oncall.alerts.actions import get_alert
from oncall.alerts.event import SUMMARY_MAX
from oncall.auth.permissions import Permission
from oncall.ingest.change import LINK_TEXT, Change
from oncall.models import ChangeEvent, Service
from oncall.models.change_event import AUTHOR_MAX, SOURCE_MAX
from oncall.setup.integration_keys import find_service
from web.api.body import After, Body, Id, Limit, Listing, Moment, page, problems, whole
from web.edge import Api

router = APIRouter(tags=["changes"])


class ChangeBody(Body):
    service: str
    summary: str = Field(min_length=1, max_length=SUMMARY_MAX, description="What changed: deploy web #4711.")
    by: str | None = Field(None, max_length=AUTHOR_MAX, description="Who changed it; you, if nobody is named.")
    link: str = Field("", pattern="^(https?://.*)?$", max_length=2000, description="Where to read more of it.")
    at: Moment | None = Field(None, description="When; now, if that is not said or still to come.")
    source: str = Field("", max_length=SOURCE_MAX, description="The pipeline or host that did it.")
    details: dict[str, Any] = Field({}, description="Whatever helps whoever looks for the cause.")


class ChangeView(BaseModel):
    id: int
    service: str
    summary: str
    by: str
    at: datetime
    source: str
    sender: str = Field(description="The integration key by which it came, or who told us.")
    links: list[dict[str, str]]
    details: dict[str, Any]
    received_at: datetime


@router.get("/changes", summary="Changes, the last to come first")
def get_changes(
    edge: Api,
    service: Annotated[str | None, Query(description="Only of this service.")] = None,
    cursor: After = None,
    limit: Limit = 50,
) -> Listing[ChangeView]:
    with edge.reading() as caller:
        rows = changes.recent(caller.session, service, limit, before=cursor)
        return page([_view(*row) for row in rows], limit, rows and rows[-1][0].id)


@router.post("/changes", status_code=201, summary="Tell of a change: it never pages", responses=problems(404))
def send_change(edge: Api, body: ChangeBody) -> ChangeView:
    with edge.writing(Permission.ACT) as caller:
        service = find_service(caller.session, body.service)
        assert service.id is not None
        links = [{"href": body.link, "text": LINK_TEXT}] if body.link else []
        author = caller.user.name if body.by is None else body.by
        change = Change(body.summary, body.at, author, body.source, links, body.details)
        return _view(changes.record(caller.session, service.id, change, caller.user.name, caller.now), service.name)


@router.get(
    "/alerts/{alert_id}/changes",
    tags=["alerts"],
    summary="What changed on its service shortly before, the newest first",
    responses=problems(404),
)
def changes_before(edge: Api, alert_id: Id) -> Listing[ChangeView]:
    with edge.reading() as caller:
        alert = get_alert(caller.session, alert_id)
        service = caller.session.get_one(Service, alert.service_id)
        within = timedelta(seconds=edge.runtime.settings.change_seconds)
        found = changes.before_alert(caller.session, alert, service, within)
        return whole([_view(change, service.name) for change in found])


def _view(change: ChangeEvent, service: str) -> ChangeView:
    return ChangeView.model_validate({**change.model_dump(), "service": service, "by": change.author})
