"""What people do to an alert. Each answers with the alert as it is afterwards."""

from datetime import timedelta

from fastapi import APIRouter
from pydantic import Field

from oncall.alerts import actions
from oncall.alerts.reassign import reassign as reassign_alert
from oncall.auth.permissions import Permission
from web.api.alert_views import AlertView, alert_view
from web.api.body import Body, Id, problems
from web.edge import Api

router = APIRouter(prefix="/alerts/{alert_id}", tags=["alerts"], responses=problems(404, 409))


class SnoozeBody(Body):
    seconds: int = Field(ge=1, le=7 * 24 * 3600)


class ReassignBody(Body):
    to: str = Field(
        min_length=1,
        max_length=200,
        description="Whom to page now, and nobody else: user:HANDLE, schedule:NAME/LEVEL, team:NAME; or policy:NAME.",
    )


class NoteBody(Body):
    text: str = Field(min_length=1, max_length=4000)


@router.post("/acknowledge", summary="I have it: nobody else is paged")
def acknowledge(edge: Api, alert_id: Id) -> AlertView:
    with edge.writing(Permission.ACT) as caller:
        alert = actions.acknowledge(caller.session, alert_id, caller.actor, caller.now)
        return alert_view(caller.session, alert)


@router.post("/resolve", summary="The problem is over")
def resolve(edge: Api, alert_id: Id) -> AlertView:
    with edge.writing(Permission.ACT) as caller:
        alert = actions.resolve(caller.session, alert_id, caller.actor, caller.now)
        return alert_view(caller.session, alert)


@router.post("/escalate", summary="Page the next step now")
def escalate(edge: Api, alert_id: Id) -> AlertView:
    with edge.writing(Permission.ACT) as caller:
        alert = actions.escalate(caller.session, alert_id, caller.actor, caller.now)
        return alert_view(caller.session, alert)


@router.post(
    "/reassign",
    summary="Page somebody else now; without an answer within the wait of its step, its policy goes on",
    responses=problems(400),
)
def reassign(edge: Api, alert_id: Id, body: ReassignBody) -> AlertView:
    with edge.writing(Permission.ACT) as caller:
        alert = reassign_alert(caller.session, alert_id, body.to, caller.actor, caller.now)
        return alert_view(caller.session, alert)


@router.post("/snooze", summary="I have it until then; it pages again from the first step after that")
def snooze(edge: Api, alert_id: Id, body: SnoozeBody) -> AlertView:
    with edge.writing(Permission.ACT) as caller:
        length = timedelta(seconds=body.seconds)
        alert = actions.snooze(caller.session, alert_id, caller.actor, length, caller.now)
        return alert_view(caller.session, alert)


@router.post("/notes", summary="Write a line on its timeline", status_code=201)
def note(edge: Api, alert_id: Id, body: NoteBody) -> AlertView:
    with edge.writing(Permission.ACT) as caller:
        alert = actions.note(caller.session, alert_id, caller.actor, body.text, caller.now)
        return alert_view(caller.session, alert)
