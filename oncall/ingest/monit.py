"""Monit, through a script that its `exec` starts (https://mmonit.com/monit/documentation/monit.html#Execute-a-program):
what happened is in the words of Monit's table of events, such as “Status failed” and “Status succeeded”."""

import json
import re

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, shorten
from oncall.ingest.tool import URL, Sample, Step, Tool

_OVER = re.compile(r"\b(succeeded|ok|recovery|not changed|exists|link up|doesn't match)$")
_NO_PROBLEM = re.compile(r"^(action done|monit instance .*)$")
_OUTCOME = re.compile(
    r" ?\b(failed|succeeded|not changed|changed|exceeded|ok|recovery|matched|match|doesn't match|down|up|error)$"
)
_SAME = {"does not exist": "existence", "exists": "existence", "invalid type": "type"}
"""Kinds whose two ends have no word in common."""
_LIMIT = re.compile(r"^(total )?.*\[(?:current )?(?:total )?([^\[\]<>=!]+?)(?: usage)? (?:[<>=]|!=)")
"""“mem usage of 91.0% matches resource limit [mem usage > 90.0%]”, “… check succeeded [current mem usage = 5.0%]”."""
_PLACE = re.compile(r"\b(?:at|to) (\[[^\]]*\]:\S+|/\S+)")
"""“failed protocol test [HTTP] at [web1]:80 [TCP/IP] -- …”, “connection succeeded to [web1]:80 [TCP/IP]”."""
_WHICH = {"resource limit": _LIMIT, "connection": _PLACE}


def parse(inbound: Inbound) -> list[Event]:
    fields = read_fields(inbound.body)
    host, service, said = text_of(fields, "host"), text_of(fields, "service"), text_of(fields, "event")
    problems = blank(("host", host), ("service", service), ("event", said))
    if problems:
        raise BadEvent(problems)
    event = said.lower()
    if _NO_PROBLEM.match(event):
        return []
    kind, description = _kind(event), text_of(fields, "description") or said
    return [
        Event(
            EventAction.RESOLVE if _OVER.search(event) else EventAction.TRIGGER,
            dedup_key("/".join(filter(None, (host, service, kind, _which(kind, description))))),
            summary=shorten(f"{service} on {host}: {description}", SUMMARY_MAX),
            source=host[:300],
            details=fields,
        )
    ]


def _kind(event: str) -> str:
    """What was looked at, without how it went: a service has several checks, and each has its own two ends."""
    return _SAME.get(event) or _OUTCOME.sub("", event) or event


def _which(kind: str, description: str) -> str:
    """Which of a service's several limits or ports it is about: each fails, and is well again, by itself."""
    found = _WHICH[kind].search(description) if kind in _WHICH else None
    return "".join(part or "" for part in found.groups()) if found else ""


def _sample(event: str, description: str) -> Sample:
    message = {
        "service": "nginx",
        "event": event,
        "description": description,
        "host": "web1",
        "date": "Mon, 05 Jan 2026 10:00:00",
    }
    return Sample(json.dumps(message).encode())


_SCRIPT = f"""cat > /etc/monit/oncall.sh <<'EOF'
#!/bin/sh
exec curl -fsS --retry 4 --retry-connrefused --max-time 20 --data-urlencode "service=$MONIT_SERVICE" \\
  --data-urlencode "event=$MONIT_EVENT" --data-urlencode "description=$MONIT_DESCRIPTION" \\
  --data-urlencode "host=$MONIT_HOST" --data-urlencode "date=$MONIT_DATE" '{URL}'
EOF
chmod +x /etc/monit/oncall.sh"""

TOOL = Tool(
    "Monit",
    parse,
    trigger=_sample("Connection failed", "failed protocol test [HTTP] at [localhost]:80 -- Connection refused"),
    resolve=_sample("Connection succeeded", "connection succeeded to [localhost]:80"),
    recipe=(
        Step("On the machine that Monit watches, make the script", _SCRIPT),
        Step(
            "In each of Monit's checks, have both ends execute it",
            'if failed port 80 protocol http then exec "/etc/monit/oncall.sh"\n'
            '  else if succeeded then exec "/etc/monit/oncall.sh"',
        ),
        Step("Reload Monit", "monit reload"),
    ),
)
