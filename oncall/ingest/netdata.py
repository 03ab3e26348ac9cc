"""Netdata (https://learn.netdata.cloud/docs/alerts-&-notifications/notifications): its agents, through `custom_sender`
of health_alarm_notify.conf (agent-dispatched-notifications/custom), and Netdata Cloud, through its webhook
(centralized-cloud-notifications/webhook)."""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_ACTIONS = {
    "critical": EventAction.TRIGGER,
    "warning": EventAction.TRIGGER,
    "clear": EventAction.RESOLVE,
    "removed": EventAction.RESOLVE,
}
_NO_STATE_YET = {"undefined", "uninitialized"}


def parse(inbound: Inbound) -> list[Event]:
    fields = read_fields(inbound.body)
    if text_of(fields, "token") and not text_of(fields, "alert", "name"):
        return []  # Netdata Cloud's test: a token that is typed in there
    if isinstance(fields.get("status"), dict):
        return [_reachability(fields)]
    name, state = text_of(fields, "name", "alert"), text_of(fields, "status", "severity").lower()
    problems = blank(("name (or alert)", name))
    if state not in _ACTIONS and state not in _NO_STATE_YET:
        problems.append("'status' (or severity) must be CRITICAL, WARNING or CLEAR")
    if problems:
        raise BadEvent(problems)
    return [] if state in _NO_STATE_YET else [_alert(fields, name, state)]


def _alert(fields: dict[str, Any], name: str, state: str) -> Event:
    host, chart = text_of(fields, "host", "node", "hostname"), text_of(fields, "chart")
    value = text_of(fields, "value")
    about = (f"{name} on {host}" if host else name) + (f" is {value}" if value else "")
    told = text_of(fields, "message") or ": ".join(part for part in (about, text_of(fields, "info", "summary")) if part)
    return Event(
        _ACTIONS[state],
        dedup_key("/".join([host or text_of(fields, "space"), chart, name])),
        summary=shorten(told, SUMMARY_MAX),
        severity=severity_of(state),
        source=host[:300],
        details=fields,
        links=web_links((fields.get("alert_url"), "Alert in Netdata"), (fields.get("goto_url"), "Chart in Netdata")),
    )


def _reachability(fields: dict[str, Any]) -> Event:
    host, is_reachable = text_of(fields, "host"), object_of(fields, "status").get("reachable")
    problems = blank(("host", host))
    if not isinstance(is_reachable, bool):
        problems.append("'status.reachable' must be true or false")
    if problems:
        raise BadEvent(problems)
    return Event(
        EventAction.RESOLVE if is_reachable else EventAction.TRIGGER,
        dedup_key(f"{host}/reachability"),
        summary=shorten(text_of(fields, "message") or f"{host} is unreachable", SUMMARY_MAX),
        severity=Severity.CRITICAL,
        source=host[:300],
        details=fields,
        links=web_links((fields.get("url"), "Node in Netdata")),
    )


def _sample(status: str) -> Sample:
    message = {
        "host": "db1",
        "name": "disk_space_usage",
        "chart": "disk_space._var",
        "status": status,
        "value": "97.3%",
        "info": "disk / space utilization",
        "goto_url": "https://registry.my-netdata.io/goto-host-from-alarm.html?host=db1",
    }
    return Sample(json.dumps(message).encode())


_SENDER = f"""SEND_CUSTOM="YES"
DEFAULT_RECIPIENT_CUSTOM="oncall"
custom_sender() {{
  httpcode=$(docurl -X POST --max-time 20 --retry 4 --retry-connrefused \\
    --data-urlencode "host=${{host}}" --data-urlencode "name=${{name}}" \\
    --data-urlencode "chart=${{chart}}" --data-urlencode "status=${{status}}" --data-urlencode "info=${{info}}" \\
    --data-urlencode "value=${{value_string}}" --data-urlencode "goto_url=${{goto_url}}" "{URL}")
  if [ "${{httpcode}}" = "202" ]; then sent=$((sent + 1)); else error "oncall answered ${{httpcode}}"; fi
}}"""

TOOL = Tool(
    "Netdata",
    parse,
    trigger=_sample("CRITICAL"),
    resolve=_sample("CLEAR"),
    recipe=(
        Step("On the machine, cd /etc/netdata and sudo ./edit-config health_alarm_notify.conf; put in", _SENDER),
        Step(
            "Try it out (Debian's own package has the script in /usr/lib/netdata)",
            "sudo -u netdata /usr/libexec/netdata/plugins.d/alarm-notify.sh test",
        ),
        Step(
            "Or, in Netdata Cloud, Space settings > Alerts & Notifications > Add configuration > Webhook, with",
            URL,
        ),
    ),
)
