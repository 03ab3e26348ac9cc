"""Zabbix, through a media type of the kind webhook (https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook).

All values are texts. A recovery and an update carry the EVENT.ID of the problem they are about. What Opsgenie's script
zabbix2opsgenie sends is read too: it tells of the trigger instead (TRIGGER.STATUS, TRIGGER.VALUE).
"""

import json
from collections.abc import Mapping
from typing import Any

from oncall.alerts.event import NOTE_MAX, SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, named_alike, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_SEVERITIES = {
    "0": Severity.ERROR,  # not classified
    "1": Severity.INFO,
    "2": Severity.WARNING,
    "3": Severity.WARNING,  # average
    "4": Severity.ERROR,  # high
    "5": Severity.CRITICAL,  # disaster
}
_VALUES = {"PROBLEM": "1", "OK": "0", "RESOLVED": "0"}
"""Of a trigger or event, by its status."""
_SOURCES_OF_PROBLEMS = ("", "0", "3", "4")
"""Triggers, internal events and services; the rest is of discovery and registration."""


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for an update that is no acknowledgement. Raises BadEvent with every fault."""
    sent = read_fields(inbound.body)
    fields = named_alike(sent)
    event_id, value = text_of(fields, "eventid"), _value(fields)
    problems = blank(("event_id", event_id), ("event_value", value))
    if value not in ("", "0", "1"):
        problems.append("'event_value' must be 1 (problem) or 0 (recovered)")
    if problems:
        raise BadEvent(problems)
    action = _action(fields, value)
    return [] if action is None else [_event(action, event_id, sent, fields)]


def _value(fields: Mapping[str, Any]) -> str:
    status = text_of(fields, "triggerstatus", "eventstatus").upper()
    return text_of(fields, "eventvalue", "triggervalue") or _VALUES.get(status, "")


def _action(fields: Mapping[str, Any], value: str) -> EventAction | None:
    if text_of(fields, "eventsource") not in _SOURCES_OF_PROBLEMS:
        return None
    if value == "0":
        return EventAction.RESOLVE
    if text_of(fields, "eventupdatestatus") != "1":
        return EventAction.TRIGGER
    done = text_of(fields, "eventupdateaction").lower().replace(",", " ").split()
    return EventAction.ACKNOWLEDGE if "acknowledged" in done else None


def _event(action: EventAction, event_id: str, sent: Mapping[str, Any], fields: Mapping[str, Any]) -> Event:
    host = text_of(fields, "hostname", "hosthost", "host", "hostip")
    name = text_of(fields, "eventname", "triggername", "subject", "alertsubject") or f"Zabbix event {event_id}"
    number, word = text_of(fields, "eventnseverity"), text_of(fields, "eventseverity", "triggerseverity")
    return Event(
        action,
        dedup_key(event_id),
        summary=shorten(name if host in name else f"{name} on {host}", SUMMARY_MAX),
        severity=_SEVERITIES.get(number) or severity_of(word),
        source=host[:300],
        details={name: value for name, value in sent.items() if value not in ("", None)},
        links=web_links((_page(fields), "Event in Zabbix"), (text_of(fields, "triggerurl"), "Trigger's URL")),
        note=_note(fields) if action is EventAction.ACKNOWLEDGE else "",
    )


def _note(fields: Mapping[str, Any]) -> str:
    said = (text_of(fields, "username", "userfullname"), text_of(fields, "eventupdatemessage"))
    return shorten(": ".join(part for part in said if part), NOTE_MAX)


def _page(fields: Mapping[str, Any]) -> str:
    base, trigger = text_of(fields, "zabbixurl").rstrip("/"), text_of(fields, "triggerid")
    event = text_of(fields, "eventid")
    return f"{base}/tr_events.php?triggerid={trigger}&eventid={event}" if base and trigger else base


_PARAMETERS = {
    "url": URL,
    "event_id": "{EVENT.ID}",
    "event_value": "{EVENT.VALUE}",
    "event_source": "{EVENT.SOURCE}",
    "event_name": "{EVENT.NAME}",
    "event_nseverity": "{EVENT.NSEVERITY}",
    "event_update_status": "{EVENT.UPDATE.STATUS}",
    "event_update_action": "{EVENT.UPDATE.ACTION}",
    "event_update_message": "{EVENT.UPDATE.MESSAGE}",
    "event_opdata": "{EVENT.OPDATA}",
    "event_tags": "{EVENT.TAGS}",
    "host_name": "{HOST.NAME}",
    "trigger_id": "{TRIGGER.ID}",
    "trigger_url": "{TRIGGER.URL}",
    "user_name": "{USER.FULLNAME}",
    "zabbix_url": "{$ZABBIX.URL}",
    "message": "{ALERT.MESSAGE}",
}
_SCRIPT = """var fields = JSON.parse(value), url = fields.url;
delete fields.url;
var request = new HttpRequest();
request.addHeader('Content-Type: application/json');
var answer = request.post(url, JSON.stringify(fields));
if (request.getStatus() < 200 || request.getStatus() > 299) {
    throw 'oncall answered ' + request.getStatus() + ': ' + answer;
}
return 'OK';"""


def _sample(value: str) -> Sample:
    fields = {
        "event_id": "4711",
        "event_value": value,
        "event_source": "0",
        "event_name": "Free disk space is less than 5% on volume /var",
        "event_nseverity": "4",
        "event_update_status": "0",
        "host_name": "db1",
        "trigger_id": "13926",
        "zabbix_url": "https://zabbix.example.com",
    }
    return Sample(json.dumps(fields).encode())


TOOL = Tool(
    "Zabbix",
    parse,
    trigger=_sample("1"),
    resolve=_sample("0"),
    counts=True,
    recipe=(
        Step(
            "In Zabbix, under Alerts → Media types, create one of the type Webhook with these parameters (name, value)",
            "\n".join(f"{name}  {value}" for name, value in _PARAMETERS.items()),
        ),
        Step("and this script", _SCRIPT),
        Step("On its tab “Message templates”, add Problem, Problem recovery and Problem update"),
        Step("Give the media type to a user who may read the hosts, with any “Send to”"),
        Step("Under Alerts → Actions → Trigger actions, send to this user as operation, recovery and update operation"),
    ),
)
