"""UptimeRobot's webhook (https://help.uptimerobot.com/en/articles/14498593-webhook-integration).

It sends its variables in the query, by GET or POST, as a form, or as JSON; its users write their names.
"""

from urllib.parse import urlencode

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, named_alike, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

DOWN, UP, EXPIRES = "1", "2", "3"
_WORDS = {"down": DOWN, "up": UP}


def parse(inbound: Inbound) -> list[Event]:
    """One Event. Raises BadEvent with every fault."""
    sent = {**inbound.query, **(read_fields(inbound.body) if inbound.body.strip() else {})}
    fields = named_alike(sent)
    name, url = text_of(fields, "monitorfriendlyname", "monitorname"), text_of(fields, "monitorurl")
    monitor = text_of(fields, "monitorid") or url or name
    kind = text_of(fields, "alerttype")
    kind = _WORDS.get((kind or text_of(fields, "alerttypefriendlyname")).lower(), kind)
    problems = blank(("monitorID", monitor))
    if kind not in (DOWN, UP, EXPIRES):
        problems.append("'alertType' must be 1 (down), 2 (up) or 3 (a certificate or domain expires)")
    if problems:
        raise BadEvent(problems)
    said = text_of(fields, "alertdetails")
    about = f"{name or url or monitor} {'expires soon' if kind == EXPIRES else 'is down'}"
    return [
        Event(
            EventAction.RESOLVE if kind == UP else EventAction.TRIGGER,
            dedup_key(f"{monitor}:expires" if kind == EXPIRES else monitor),
            summary=shorten(f"{about}: {said}" if said else about, SUMMARY_MAX),
            severity=Severity.WARNING if kind == EXPIRES else Severity.ERROR,
            source=url[:300],
            details=dict(sent),
            links=web_links((url, "Monitored address"), (_page(monitor), "Open in UptimeRobot")),
        )
    ]


def _page(monitor: str) -> str:
    return f"https://dashboard.uptimerobot.com/monitors/{monitor}" if monitor.isdigit() else ""


_QUERY = "&".join(
    f"{name}=*{name}*"
    for name in ("monitorID", "monitorURL", "monitorFriendlyName", "alertType", "alertDetails", "alertDuration")
)


def _sample(kind: str, said: str) -> Sample:
    fields = {
        "monitorID": "777749809",
        "monitorURL": "https://shop.example.com",
        "monitorFriendlyName": "Shop",
        "alertType": kind,
        "alertTypeFriendlyName": "Down" if kind == DOWN else "Up",
        "alertDetails": said,
        "alertDuration": "72",
    }
    return Sample(urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded"})


TOOL = Tool(
    "UptimeRobot",
    parse,
    trigger=_sample(DOWN, "Connection Timeout"),
    resolve=_sample(UP, "HTTP 200 - OK"),
    recipe=(
        Step("In UptimeRobot, under Integrations → Webhook, add one with the URL to notify", f"{URL}?{_QUERY}"),
        Step("Leave the POST value empty, and have it notify of up, down and SSL events"),
        Step("Tick it under “How will we notify you?” in the monitors that should page"),
    ),
    methods=frozenset({"GET", "POST"}),
)
