"""PagerDuty Events v2 (https://developer.pagerduty.com/docs/events-api-v2): body and limits as documented there."""

import json
import uuid
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.reading import BadEvent, Inbound, read_object
from oncall.ingest.tool import HOST, KEY, SCHEME, URL, Sample, Step, Tool
from oncall.ingest.validated import (
    Objects,
    Text,
    also,
    complete,
    is_blank,
    named,
    pagerduty_links,
    validated,
    validated_value,
)
from oncall.models.alert import Severity

LONGEST_KEY = 255


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _spelt(value: Any) -> Any:
    """A number as a text: some senders use the row's id in their own database."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Summary = Annotated[Text, Field(max_length=SUMMARY_MAX)]
DedupKey = Annotated[str, Field(max_length=LONGEST_KEY), BeforeValidator(_spelt)]


class Payload(BaseModel):
    """What is only shown may be of any kind: no page is lost over a timestamp."""

    model_config = ConfigDict(extra="allow")

    summary: Summary
    source: Text
    severity: Annotated[Severity, BeforeValidator(_lowered)]
    custom_details: Any = None


class EventV2(BaseModel):
    model_config = ConfigDict(extra="allow")

    routing_key: Text
    event_action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: DedupKey | None = None
    payload: Payload | None = None
    client: Any = None
    client_url: Any = None
    links: Objects = None
    images: Objects = None

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        return complete(self, _lacks(self.event_action, self.dedup_key, self.payload))

    def event(self) -> Event:
        """This message as an Event. A trigger without a dedup key is given one."""
        key = made_if_blank(self.dedup_key)
        if self.payload is None or self.event_action != "trigger":
            return Event(EventAction(self.event_action), key)
        return Event(
            EventAction.TRIGGER,
            key,
            summary=self.payload.summary,
            severity=self.payload.severity,
            source=self.payload.source[:300],
            details=self._details(self.payload),
            links=pagerduty_links(self.client, self.client_url, self.links, self.images),
        )

    def _details(self, payload: Payload) -> dict[str, Any]:
        told = {**(self.model_extra or {}), **(payload.model_extra or {})}
        return named({name: value for name, value in told.items() if value is not None}, payload.custom_details)


def _lacks(action: Any, key: Any, payload: Any) -> str:
    if action == "trigger" and payload is None:
        return "'payload' is missing or blank: a trigger needs payload.summary, source and severity"
    if action in ("acknowledge", "resolve") and is_blank(key):
        return f"'dedup_key' is missing or blank: it says what to {action}"
    return ""


def made_if_blank(key: str | None) -> str:
    return uuid.uuid4().hex if key is None or is_blank(key) else key


def read(body: bytes, routing_key: str = "") -> EventV2:
    """The message in `body`. Raises BadEvent with every fault, each naming its field.

    The payload of what acknowledges or resolves says nothing, and so is not looked at. `routing_key` came with the
    request, and counts where the message has none.
    """
    try:
        return validated(EventV2, body)
    except BadEvent:
        fields = with_key(read_object(body), "routing_key", routing_key)
        action = fields.get("event_action")
        if action in ("acknowledge", "resolve"):
            fields.pop("payload", None)
    try:
        return validated_value(EventV2, fields)
    except BadEvent as refused:
        raise also(refused, _lacks(action, fields.get("dedup_key"), fields.get("payload"))) from None


def with_key(fields: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    """`fields`, with `key` under `name` where they have none of their own."""
    return fields | {name: key} if key and is_blank(fields.get(name)) else fields


def key_in(body: bytes, field: str) -> str:
    """Of a message that can't be used: whose it is; empty when it doesn't say."""
    try:
        key = read_object(body).get(field)
    except BadEvent:
        return ""
    return key.strip() if isinstance(key, str) else ""


def parse(inbound: Inbound) -> list[Event]:
    """Of a request whose key is known already."""
    return [read(inbound.body, "in the address").event()]


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
    "PagerDuty Events v2 and v1",
    parse,
    trigger=_sample("trigger"),
    resolve=_sample("resolve"),
    recipe=(
        Step("In the tool's PagerDuty settings, set the address of the Events API to", URL),
        Step("and the routing key, also called integration key or service key, to", KEY),
        Step(
            "A tool that speaks Events v1 sends to the same host, at the path that it knows",
            f"{SCHEME}://{HOST}/generic/2010-04-15/create_event.json",
        ),
        Step(
            "A tool that has an Integration URL with the key in it keeps that path, too",
            f"{SCHEME}://{HOST}/integration/{KEY}/enqueue",
        ),
    ),
)
