"""What a key makes of messages: its options changed, and tried out on a message with nothing stored."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from pydantic_core import to_json

from oncall.alerts.event import Event, EventAction
from oncall.auth.permissions import Permission
from oncall.ingest.preview import preview
from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS
from oncall.models import Severity
from oncall.setup.integration_keys import check_runs, check_tool, find_key_for, find_service, set_options
from web.api.body import Body, problems
from web.api.services import KeyView, key_view
from web.edge import Api

router = APIRouter(prefix="/services/{name}/integration-keys", tags=["services"])


class OptionsBody(Body):
    options: dict[str, str | None] = Field(
        description="By name. What is not named stays as it is; null or nothing takes an option away."
    )


class PreviewBody(Body):
    tool: str = Field(description="The sending tool.")
    options: dict[str, str] = Field({}, description="As they would be set on the key.")
    body: Any = Field(description="What the tool sends: JSON as it is, anything else as a text.")
    headers: dict[str, str] = Field({}, description="Those that the tool sends and that matter.")
    query: dict[str, str] = Field({}, description="For a tool that sends its fields in the address.")


class EventView(BaseModel):
    action: EventAction
    dedup_key: str
    summary: str
    severity: Severity
    source: str
    details: dict[str, Any]
    links: list[dict[str, str]]

    @classmethod
    def of(cls, event: Event) -> "EventView":
        return cls(**{name: getattr(event, name) for name in cls.model_fields})


class PreviewView(BaseModel):
    events: list[EventView] = Field(description="None, without a problem: the message is about no problem of its own.")
    problems: list[str] = Field(description="Why the message, or the options, would be refused.")


@router.post("/preview", summary="What a key would make of a message", responses=problems(400, 404))
def preview_message(edge: Api, name: str, body: PreviewBody) -> PreviewView:
    """Nothing is stored, and signatures are not checked."""
    with edge.reading(Permission.ACT) as caller:
        check_runs(caller.session, caller.user, find_service(caller.session, name))
    check_tool(body.tool)
    sent = body.body.encode() if isinstance(body.body, str) else to_json(body.body)
    headers = {header.lower(): value for header, value in body.headers.items()}
    made = preview(TOOLS[body.tool], body.options, Inbound(sent, {}, headers, body.query, edge.runtime.clock()))
    return PreviewView(events=[EventView.of(event) for event in made.events], problems=made.problems)


@router.patch("/{key_name}", summary="Change options of an integration key", responses=problems(400, 404))
def change_key(edge: Api, name: str, key_name: str, body: OptionsBody) -> KeyView:
    with edge.writing(Permission.ACT) as caller:
        key = find_key_for(caller.session, caller.user, name, key_name)
        set_options(caller.session, key, body.options)
        return key_view(edge, key)
