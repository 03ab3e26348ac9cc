"""Who would be paged if a service's alert fired, with nothing stored."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.escalation import preview
from oncall.escalation.preview import Way, WouldPage, who_would_be_paged
from oncall.models import Severity, TimelineKind, Urgency
from oncall.setup.integration_keys import find_service
from web.api.body import Moment, problems
from web.api.names import Person
from web.edge import Api

router = APIRouter(prefix="/services", tags=["services"])


class WayView(BaseModel):
    """One message or call."""

    at: datetime
    after_seconds: int = Field(description="Since the alert fired.")
    kind: str
    contact_method: str | None = Field(description="Null unless you are this person or an admin.")
    waits_from: datetime | None = Field(description="When it would go, were it not for the person's quiet hours.")


class MomentView(BaseModel):
    """A line of the alert's timeline, as it would be."""

    at: datetime
    after_seconds: int
    kind: TimelineKind
    text: str
    user: Person | None = Field(description="Who would be paged; null for a line that says why nobody is, or the like.")
    reason: str
    is_shadow: bool
    ways: list[WayView]


class WouldPageView(BaseModel):
    service: str
    severity: Severity
    urgency: Urgency
    escalation_policy: str
    at: datetime
    timeline: list[MomentView]
    goes_on: bool = Field(description="More would follow than is shown.")

    @classmethod
    def of(cls, found: WouldPage) -> "WouldPageView":
        return cls(
            service=found.service,
            severity=found.severity,
            urgency=found.urgency,
            escalation_policy=found.policy,
            at=found.at,
            timeline=[_moment(each, found.at) for each in found.moments],
            goes_on=found.goes_on,
        )


def _moment(moment: preview.Moment, fired: datetime) -> MomentView:
    return MomentView(
        at=moment.at,
        after_seconds=_seconds(fired, moment.at),
        kind=moment.kind,
        text=moment.said,
        user=Person.of(moment.user) if moment.user else None,
        reason=moment.reason,
        is_shadow=moment.is_shadow,
        ways=[_way(way, fired) for way in moment.ways],
    )


def _way(way: Way, fired: datetime) -> WayView:
    after = _seconds(fired, way.at)
    return WayView(at=way.at, after_seconds=after, kind=way.kind, contact_method=way.method, waits_from=way.waits_from)


def _seconds(fired: datetime, at: datetime) -> int:
    return int((at - fired).total_seconds())


@router.get(
    "/{name}/would-page",
    summary="Who would be paged if its alert fired and nobody answered",
    responses=problems(404),
)
def would_page(
    edge: Api,
    name: str,
    at: Annotated[Moment | None, Query(description="When it fires. Default: now.")] = None,
    severity: Severity = Severity.CRITICAL,
) -> WouldPageView:
    """By the engine that pages: a trial alert goes through its steps, and is thrown away."""
    with edge.trying(Permission.LOOK) as caller:
        service = find_service(caller.session, name)
        found = who_would_be_paged(caller.session, service, severity, at or caller.now)
    return WouldPageView.of(found.seen_by(caller.user))
