"""A look inside an integration key: its last requests and what was made of each, and a test event sent through it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.ingest.journal import last_requests
from oncall.ingest.trial import said_of, send_test
from oncall.models import ReceivedRequest
from oncall.setup.integration_keys import find_key_for
from web.api.body import Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/services/{name}/integration-keys/{key_name}", tags=["services"])


class EventView(BaseModel):
    action: str = Field(
        description="trigger, acknowledge, resolve or note; of what a sender asked Opsgenie's way for an alert that is "
        "there, its name there, such as Close."
    )
    dedup_key: str
    alert_id: int | None = Field(description="The alert that it opened or changed; null where none was open.")


class ChangeView(BaseModel):
    """A change event, which pages nobody."""

    action: Literal["change"]
    change_id: int
    summary: str


class RequestView(BaseModel):
    id: int
    at: datetime
    is_test: bool = Field(description="Sent by us, since somebody asked for it.")
    method: str = Field(description="Of a mail: SMTP.")
    path: str
    headers: list[tuple[str, str]] = Field(description="As they came. What is secret is masked, here and in the body.")
    body: str = Field(description="Its first 16 KB.")
    body_bytes: int
    status: int = Field(description="Of the answer; of a mail in the numbers of SMTP.")
    refusal: str = Field(description="Why nothing was stored; empty when it was.")
    events: list[ChangeView | EventView] = Field(description="What was read in it: the first 100.")


class TrialView(BaseModel):
    said: str
    refusal: str = Field(description="Why the key refuses it; empty when it doesn't.")
    events: list[EventView]


@router.get("/requests", summary="The last requests of an integration key, newest first", responses=problems(404))
def list_requests(edge: Api, name: str, key_name: str) -> Listing[RequestView]:
    edge.runtime.journal.write()
    with edge.reading() as caller:
        key = find_key_for(caller.session, caller.user, name, key_name)
        return whole([_view(row) for row in last_requests(caller.session, key)])


Pages = Annotated[bool, Query(description="Leave the alert open, so that whoever is on call is paged.")]


@router.post("/test", summary="Send a test event through an integration key", responses=problems(404))
def try_key_out(edge: Api, name: str, key_name: str, pages: Pages = False) -> TrialView:
    with edge.writing(Permission.ACT) as caller:
        key = find_key_for(caller.session, caller.user, name, key_name)
        tested = send_test(caller.session, key, caller.now, edge.runtime.settings.ingest_kept, pages=pages)
    events = [EventView.model_validate(each._asdict()) for each in tested.made]
    return TrialView(said=said_of(tested, pages=pages), refusal=tested.refusal, events=events)


def _view(row: ReceivedRequest) -> RequestView:
    return RequestView.model_validate(row.model_dump())
