"""A change event, in PagerDuty's form or plainly.

PagerDuty's: https://developer.pagerduty.com/docs/events-api-v2, "Send a Change Event". Plainly:

{"summary": "deploy web #4711", "by": "bob", "link": "https://…", "at": "2026-01-05T10:00:00Z"}
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from oncall.errors import BadInput
from oncall.ingest.pagerduty import Summary, with_key
from oncall.ingest.reading import BadEvent, read_object, web_links
from oncall.ingest.validated import Objects, Text, named, pagerduty_links, validated, validated_value
from oncall.models.change_event import AUTHOR_MAX, SOURCE_MAX
from oncall.moments import is_near, read_moment

LINK_TEXT = "Open the change"
AUTHORS = ("by", "user", "author", "deployer")
"""Fields of a sender's own details that say who changed it."""
_ZONE_TWICE = re.compile(r"([+-]\d\d:?\d\d)Z$")
"""As PagerDuty's own Python client writes it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a sender tells of a change. `at` None: now."""

    summary: str
    at: datetime | None = None
    author: str = ""
    source: str = ""
    links: list[dict[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


class ChangePayload(BaseModel):
    """What is only shown may be of any kind."""

    model_config = ConfigDict(extra="allow")

    summary: Summary
    source: Any = None
    timestamp: Any = None
    custom_details: Any = None


class ChangeV2(BaseModel):
    routing_key: Text
    payload: ChangePayload
    links: Objects = None
    images: Objects = None

    def change(self) -> Change:
        payload = self.payload
        details = named(payload.model_extra or {}, payload.custom_details)
        return Change(
            payload.summary,
            _moment_or_none(payload.timestamp),
            next((str(details[name]).strip()[:AUTHOR_MAX] for name in AUTHORS if details.get(name)), ""),
            "" if payload.source is None else str(payload.source).strip()[:SOURCE_MAX],
            pagerduty_links(None, None, self.links, self.images),
            details,
        )


def _read_at(value: Any) -> Any:
    """A typed time, or seconds since 1970 as `date +%s` prints them. Raises ValueError with a sentence."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        moment = _moment_or_none(value)
        if moment is None:
            raise ValueError(f"'at': {value} is too far away to be the seconds since 1970")
        return moment
    if not isinstance(value, str) or not value.strip():
        return value or None
    try:
        return read_moment(value)
    except BadInput as error:
        raise ValueError(f"'at': {error.detail}") from None


class PlainChange(BaseModel):
    model_config = ConfigDict(extra="allow")

    summary: Summary
    link: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None
    by: Annotated[str, StringConstraints(strip_whitespace=True, max_length=AUTHOR_MAX)] | None = None
    source: Annotated[str, Field(max_length=SOURCE_MAX)] | None = None
    at: Annotated[datetime | None, BeforeValidator(_read_at)] = None
    links: Objects = None

    def change(self) -> Change:
        links = [*web_links((self.link, LINK_TEXT)), *pagerduty_links(None, None, self.links, None)]
        return Change(self.summary, self.at, self.by or "", self.source or "", links, named(self.model_extra))


def read_v2(body: bytes, routing_key: str = "") -> ChangeV2:
    """`routing_key` came with the request, and counts where the message has none.

    Raises BadEvent with every fault, each naming its field.
    """
    if not routing_key:
        return validated(ChangeV2, body)
    return validated_value(ChangeV2, with_key(read_object(body), "routing_key", routing_key))


def read(body: bytes) -> Change:
    """In either form; whatever routing key stands in it. Raises BadEvent with every fault."""
    fields = read_object(body)
    if "payload" in fields:
        return validated_value(ChangeV2, fields | {"routing_key": "in the address"}).change()
    change = validated_value(PlainChange, fields)
    if change.link and not web_links((change.link, "")):
        raise BadEvent(["'link' must begin with http:// or https://"])
    return change.change()


def _moment_or_none(value: Any) -> datetime | None:
    """What can't be understood is not worth a refusal: the change is about now."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(_ZONE_TWICE.sub(r"\1", value.strip()))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    aware = moment.replace(tzinfo=moment.tzinfo or UTC)
    return aware.astimezone(UTC) if is_near(aware) else None
