"""PagerDuty Events v1 (https://developer.pagerduty.com/docs/events-api-v1), which knows no severity and no source."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.pagerduty import DedupKey, made_if_blank
from oncall.ingest.reading import BadEvent, read_object
from oncall.ingest.validated import Objects, Text, also, complete, is_blank, named, pagerduty_links, validated


class EventV1(BaseModel):
    model_config = ConfigDict(extra="allow")

    service_key: Text
    event_type: Literal["trigger", "acknowledge", "resolve"]
    incident_key: DedupKey | None = None
    description: Annotated[str, Field(max_length=SUMMARY_MAX)] | None = None
    details: Any = None
    client: Any = None
    client_url: Any = None
    contexts: Objects = None

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> Self:
        return complete(self, _lacks(self.event_type, self.incident_key, self.description))

    def event(self) -> Event:
        """This message as an Event. A trigger without an incident key is given one."""
        key, said = made_if_blank(self.incident_key), (self.description or "").strip()
        if self.event_type != "trigger":
            return Event(EventAction(self.event_type), key, note=said)
        return Event(
            EventAction.TRIGGER,
            key,
            summary=said,
            details=named(self.model_extra or {}, self.details),
            links=pagerduty_links(self.client, self.client_url, *self._contexts()),
        )

    def _contexts(self) -> tuple[Objects, Objects]:
        """Links and images, each as v2 has them."""
        contexts = self.contexts or []
        images = [context for context in contexts if context.get("type") == "image"]
        return [context for context in contexts if context.get("type") != "image"], images


def _lacks(action: Any, key: Any, description: Any) -> str:
    if action == "trigger" and is_blank(description):
        return "'description' is missing or blank: one sentence that says what is wrong"
    if action in ("acknowledge", "resolve") and is_blank(key):
        return f"'incident_key' is missing or blank: it says what to {action}"
    return ""


def read(body: bytes) -> EventV1:
    """The message in `body`. Raises BadEvent with every fault, each naming its field."""
    try:
        return validated(EventV1, body)
    except BadEvent as refused:
        fields = read_object(body)
        lacks = _lacks(fields.get("event_type"), fields.get("incident_key"), fields.get("description"))
        raise also(refused, lacks) from None
