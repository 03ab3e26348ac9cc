"""Datadog's webhooks integration (https://docs.datadoghq.com/integrations/webhooks/).

Its users write the body, so names are taken in any style; of Datadog's own default body only the title tells what
happened. Variables that do not apply arrive as they were written, `$ALERT_SCOPE`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, named_alike, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_WORD = r"(?:re-)?(?:triggered|alert|warn|no data|recovered|renotify)"
_IN_TITLE = re.compile(rf"\[({_WORD})( on \{{[^}}]{{0,500}}\}})?\]\s*", re.IGNORECASE)
"""“[Triggered on {host:web1}] CPU is high”. However often that begins, looking for each end is bounded."""


def parse(inbound: Inbound) -> list[Event]:
    """One Event. Raises BadEvent with every fault."""
    sent = read_fields(inbound.body)
    fields = named_alike(sent)
    title = text_of(fields, "title", "eventtitle", "alerttitle")
    key = text_of(fields, "alertcyclekey", "aggregkey") or _of_monitor(fields) or _key_of(title)
    if not key:
        raise BadEvent(blank(("title", title)))
    transition = _transition(fields, title)
    return [
        Event(
            EventAction.RESOLVE if transition == "recovered" else EventAction.TRIGGER,
            dedup_key(key),
            summary=shorten(text_of(fields, "alerttitle") or _bare(title) or "Datadog alert", SUMMARY_MAX),
            severity=_severity(fields, transition),
            source=text_of(fields, "hostname", "host")[:300],
            details={name: value for name, value in sent.items() if value not in ("", None, "null")},
            links=web_links((text_of(fields, "link", "url"), "Open in Datadog")),
        )
    ]


def _transition(fields: Mapping[str, Any], title: str) -> str:
    """`recovered`, `warn`, `triggered`, …, in lower case; empty where nothing says so."""
    said = text_of(fields, "alerttransition").lower()
    if said not in ("", "null"):
        return said.removeprefix("re-")
    if found := _IN_TITLE.search(title):
        return found[1].lower().removeprefix("re-")
    return "recovered" if text_of(fields, "alerttype").lower() == "success" else ""


def _of_monitor(fields: Mapping[str, Any]) -> str:
    """A monitor alerts for each of its scopes by itself, such as host:web1, under one id."""
    return ":".join(filter(None, (text_of(fields, "alertid"), text_of(fields, "alertscope"))))


def _key_of(title: str) -> str:
    """What stays alike from the trigger to the recovery: all but the word for it."""
    return _IN_TITLE.sub(lambda found: f"{found[2] or ''} ", title).strip()


def _bare(title: str) -> str:
    return _IN_TITLE.sub("", title).strip() or title


def _severity(fields: Mapping[str, Any], transition: str) -> Severity:
    if transition == "warn":
        return Severity.WARNING
    return severity_of(text_of(fields, "alertpriority") or text_of(fields, "alerttype"))


_PAYLOAD = """{
  "alert_cycle_key": "$ALERT_CYCLE_KEY",
  "aggreg_key": "$AGGREG_KEY",
  "alert_id": "$ALERT_ID",
  "alert_transition": "$ALERT_TRANSITION",
  "alert_type": "$ALERT_TYPE",
  "alert_priority": "$ALERT_PRIORITY",
  "alert_title": "$ALERT_TITLE",
  "alert_scope": "$ALERT_SCOPE",
  "alert_query": "$ALERT_QUERY",
  "alert_status": "$ALERT_STATUS",
  "title": "$EVENT_TITLE",
  "message": "$TEXT_ONLY_MSG",
  "hostname": "$HOSTNAME",
  "tags": "$TAGS",
  "date": "$DATE",
  "link": "$LINK"
}"""


def _sample(transition: str, kind: str) -> Sample:
    fields = {
        "alert_cycle_key": "5e8d1c3a4f0b4b6fa9e2c7d81b3a6f10",
        "alert_id": "1234",
        "alert_transition": transition,
        "alert_type": kind,
        "alert_priority": "P1",
        "alert_title": "CPU is high on web1",
        "alert_scope": "host:web1",
        "title": f"[P1] [{transition} on {{host:web1}}] CPU is high on web1",
        "hostname": "web1",
        "link": "https://app.datadoghq.com/event/event?id=4711",
    }
    return Sample(json.dumps(fields).encode())


TOOL = Tool(
    "Datadog",
    parse,
    trigger=_sample("Triggered", "error"),
    resolve=_sample("Recovered", "success"),
    recipe=(
        Step("In Datadog, under Integrations → Webhooks, add a webhook named oncall with the URL", URL),
        Step("and the payload", _PAYLOAD),
        Step("In the message of each monitor that should page, write", "@webhook-oncall"),
    ),
)
