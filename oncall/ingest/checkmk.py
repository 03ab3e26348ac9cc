"""Checkmk, through a notification script that sends on the variables which Checkmk gives it
(https://docs.checkmk.com/latest/en/notifications.html#environment_variables)."""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, shorten
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_KINDS = {
    "PROBLEM": EventAction.TRIGGER,
    "RECOVERY": EventAction.RESOLVE,
    "ACKNOWLEDGEMENT": EventAction.ACKNOWLEDGE,
}
_NO_PROBLEM = ("FLAPPING", "DOWNTIME", "ALERTHANDLER")
_SEVERITIES = {
    "DOWN": Severity.CRITICAL,
    "UNREACHABLE": Severity.CRITICAL,
    "CRITICAL": Severity.CRITICAL,
    "WARNING": Severity.WARNING,
}
_GOOD = ("OK", "UP")


def parse(inbound: Inbound) -> list[Event]:
    fields = {name.removeprefix("NOTIFY_"): value for name, value in read_fields(inbound.body).items()}
    host, kind = text_of(fields, "HOSTNAME"), text_of(fields, "NOTIFICATIONTYPE").upper()
    problems = blank(("HOSTNAME", host), ("NOTIFICATIONTYPE", kind))
    if problems:
        raise BadEvent(problems)
    is_service = text_of(fields, "WHAT").upper() == "SERVICE" or ("WHAT" not in fields and "SERVICEDESC" in fields)
    service = text_of(fields, "SERVICEDESC") if is_service else ""
    state = text_of(fields, "SERVICESTATE" if service else "HOSTSTATE").upper()
    action = _action(kind, state)
    if action is None:
        return []
    return [
        Event(
            action,
            dedup_key(f"{host}/{service}" if service else host),
            summary=_summary(fields, host, service, state),
            severity=_SEVERITIES.get(state, Severity.ERROR),
            source=host[:300],
            details=fields,
        )
    ]


def _action(kind: str, state: str) -> EventAction | None:
    """None where it is about no problem. A notification that somebody sends by hand is about one while there is one."""
    if kind.startswith(_NO_PROBLEM):
        return None
    if kind.startswith("CUSTOM"):
        return None if state in _GOOD else EventAction.TRIGGER
    if kind not in _KINDS:
        raise BadEvent([f"'NOTIFICATIONTYPE' must be one that Checkmk has, such as {', '.join(_KINDS)}"])
    return _KINDS[kind]


def _summary(fields: dict[str, Any], host: str, service: str, state: str) -> str:
    said = text_of(fields, "SERVICEOUTPUT" if service else "HOSTOUTPUT")
    what = f"{service} on {host} is {state}" if service else f"Host {host} is {state}"
    return shorten(f"{what}: {said}" if said else what, SUMMARY_MAX)


def _sample(kind: str, state: str) -> Sample:
    message = {
        "WHAT": "SERVICE",
        "NOTIFICATIONTYPE": kind,
        "HOSTNAME": "db1",
        "HOSTADDRESS": "192.0.2.11",
        "HOSTSTATE": "UP",
        "SERVICEDESC": "Filesystem /var",
        "SERVICESTATE": state,
        "SERVICEOUTPUT": "97.30% used (48.6 of 50.0 GiB)",
        "SERVICEPROBLEMID": "1042",
        "OMD_SITE": "shop",
    }
    return Sample(json.dumps(message).encode())


_SCRIPT = f"""cat > ~/local/share/check_mk/notifications/oncall <<'EOF'
#!/usr/bin/env python3
# oncall
import json, os, sys, urllib.error, urllib.request
fields = {{name[7:]: value for name, value in os.environ.items() if name.startswith("NOTIFY_")}}
request = urllib.request.Request("{URL}", json.dumps(fields).encode())
try:
    urllib.request.urlopen(request, timeout=10)
except urllib.error.HTTPError as error:
    sys.exit(2 if error.code < 429 else 1)
except OSError:
    sys.exit(1)  # Checkmk tries again
EOF
chmod +x ~/local/share/check_mk/notifications/oncall"""

TOOL = Tool(
    "Checkmk",
    parse,
    trigger=_sample("PROBLEM", "CRITICAL"),
    resolve=_sample("RECOVERY", "OK"),
    recipe=(
        Step("As the user of your site (omd su SITE), make the notification script", _SCRIPT),
        Step("In Checkmk, Setup > Events > Notifications > Add rule, choose the notification method “oncall”"),
    ),
)
