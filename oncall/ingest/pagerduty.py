"""PagerDuty Events v2 (https://developer.pagerduty.com/docs/events-api-v2): body and limits as documented there."""

import json
import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from oncall.alerts.event import Event, EventAction
from oncall.ingest.reading import BadEvent, Inbound, read_json, read_object, web_links
from oncall.ingest.tool import KEY, URL, Sample, Step, Tool
from oncall.models.alert import Severity

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Payload(BaseModel):
    model_config = ConfigDict(extra="allow")

    summary: Annotated[Text, Field(max_length=1024)]
    source: Text
    severity: Severity
    timestamp: datetime | str | None = None
    component: str | None = None
    group: str | None = None
    class_: str | None = Field(None, alias="class")
    custom_details: Any = None


class EventV2(BaseModel):
    """Unknown fields are ignored, as PagerDuty does."""

    routing_key: Text
    event_action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: Annotated[str, Field(max_length=255)] | None = None
    payload: Payload | None = None
    client: str | None = None
    client_url: str | None = None
    links: list[dict[str, Any]] = Field(default_factory=list)
    images: list[dict[str, Any]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        if self.event_action == "trigger" and self.payload is None:
            raise ValueError("'payload' is missing or blank: a trigger needs payload.summary, source and severity")
        if self.event_action != "trigger" and not self.dedup_key:
            raise ValueError(f"'dedup_key' is missing or blank: it says what to {self.event_action}")
        return self

    def event(self) -> Event:
        """This message as an Event. A trigger without a dedup key is given one."""
        key = self.dedup_key or uuid.uuid4().hex
        if self.payload is None or self.event_action != "trigger":
            return Event(EventAction(self.event_action), key)
        return Event(
            EventAction.TRIGGER,
            key,
            summary=self.payload.summary,
            severity=self.payload.severity,
            source=self.payload.source[:300],
            details=self._details(self.payload),
            links=self._links(),
        )

    def _details(self, payload: Payload) -> dict[str, Any]:
        fields = payload.model_dump(mode="json", by_alias=True, exclude_none=True)
        custom = fields.pop("custom_details", None)
        for shown_elsewhere in ("summary", "source", "severity"):
            fields.pop(shown_elsewhere)
        return {**fields, **(custom if isinstance(custom, dict) else {"details": custom} if custom else {})}

    def _links(self) -> list[dict[str, str]]:
        return web_links(
            (self.client_url, self.client or "Open in the sending tool"),
            *((link.get("href"), str(link.get("text") or link.get("href"))) for link in self.links),
            *((image.get("href") or image.get("src"), str(image.get("alt") or "Image")) for image in self.images),
        )


def read(body: bytes) -> EventV2:
    """The message in `body`. Raises BadEvent with every fault, each naming its field."""
    try:
        if b"\\u0000" in body:
            return EventV2.model_validate(read_json(body))
        return EventV2.model_validate_json(body)
    except ValidationError as error:
        raise BadEvent([_sentence(fault) for fault in error.errors(include_url=False)]) from None


def routing_key_in(body: bytes) -> str:
    """Of a message that can't be used: whose it is; empty when it doesn't say."""
    try:
        key = read_object(body).get("routing_key")
    except BadEvent:
        return ""
    return key.strip() if isinstance(key, str) else ""


def _sentence(fault: Any) -> str:
    if fault["type"] == "json_invalid":
        return f"the body must be JSON: {fault['ctx']['error']}"
    path = ".".join(str(part) for part in fault["loc"])
    if fault["type"] in {"missing", "string_too_short"}:
        return f"'{path}' is missing or blank"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    return f"'{path}': {fault['msg']}" if path else "the body must be a JSON object"


def parse(inbound: Inbound) -> list[Event]:
    return [read(inbound.body).event()]


def _sample(action: str) -> Sample:
    message = {
        "routing_key": "0123456789abcdef0123456789abcdef",
        "event_action": action,
        "dedup_key": "web1-errors",
        "payload": {
            "summary": "Error rate 12 % on checkout",
            "source": "web1.example.com",
            "severity": "critical",
            "component": "checkout",
            "custom_details": {"rate": "12 %"},
        },
        "client": "Monitoring",
        "client_url": "https://monitoring.example.com",
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "PagerDuty Events v2",
    parse,
    trigger=_sample("trigger"),
    resolve=_sample("resolve"),
    recipe=(
        Step("In the tool's PagerDuty settings, set the address of the Events API to", URL),
        Step("and the routing key, also called integration key, to", KEY),
    ),
)
