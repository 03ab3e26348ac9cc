"""Nagios and its kin (Naemon, Shinken, Icinga 1), through a notification command that posts their macros.

https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/notifications.html

The command of our recipe sends few fields; the macros may also come by their own names (NOTIFICATIONTYPE, HOSTNAME,
SERVICEDESC, SERVICESTATE, HOSTSTATE, SERVICEOUTPUT, HOSTOUTPUT), as a form or as JSON.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from oncall.alerts.event import NOTE_MAX, SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, named_alike, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_SEVERITIES = {
    "CRITICAL": Severity.CRITICAL,
    "DOWN": Severity.CRITICAL,
    "WARNING": Severity.WARNING,
    "UNKNOWN": Severity.ERROR,
    "UNREACHABLE": Severity.ERROR,
}
_FINE = ("OK", "UP")
_ACTIONS = {
    "PROBLEM": EventAction.TRIGGER,
    "RECOVERY": EventAction.RESOLVE,
    "ACKNOWLEDGEMENT": EventAction.ACKNOWLEDGE,
}
_NO_PROBLEM = ("FLAPPING", "DOWNTIME")
"""How types begin that tell of something else."""
_SAID_AGAIN = re.compile(r"(?:[A-Z0-9_]+ )?(WARNING|CRITICAL|UNKNOWN)(?: -|:) *(?=\S)")
"""How plugins begin: with their own name and the state, as in “DISK CRITICAL - free space: …”."""


def parse(inbound: Inbound) -> list[Event]:
    """One Event, or none where flapping and downtime change nothing. Raises BadEvent with every fault."""
    sent = read_fields(inbound.body)
    fields = named_alike(sent)
    host = text_of(fields, "host", "hostname", "hostalias", "hostdisplayname")
    service = text_of(fields, "service", "servicedesc", "servicename", "servicedisplayname")
    state = text_of(fields, "state", *(("servicestate",) if service else ()), "hoststate").upper()
    kind = text_of(fields, "type", "notificationtype").upper()
    problems = blank(("host", host), ("state", state))
    if kind and kind != "CUSTOM" and kind not in _ACTIONS and not kind.startswith(_NO_PROBLEM):
        problems.append(
            f"'type' must be PROBLEM, RECOVERY, ACKNOWLEDGEMENT, CUSTOM, FLAPPING… or DOWNTIME…, not {kind:.30}"
        )
    if problems:
        raise BadEvent(problems)
    action = _action(kind, state)
    return [] if action is None else [_event(action, host, service, state, sent, fields)]


def _action(kind: str, state: str) -> EventAction | None:
    """None for what is no problem. A type that is not sent is understood from the state.

    While something flaps or is down as planned, nobody is told that it has recovered: the end of that tells.
    """
    if kind in _ACTIONS:
        return _ACTIONS[kind]
    if state in _FINE:
        return None if kind == "CUSTOM" or kind.endswith("START") else EventAction.RESOLVE
    return None if kind.startswith(_NO_PROBLEM) else EventAction.TRIGGER


def _event(
    action: EventAction, host: str, service: str, state: str, sent: Mapping[str, Any], fields: Mapping[str, Any]
) -> Event:
    about = f"{service} on {host}" if service else host
    output = _told(text_of(fields, "output", *(("serviceoutput",) if service else ()), "hostoutput"), state)
    link = text_of(fields, "url", "serviceactionurl", "hostactionurl", "servicenotesurl", "hostnotesurl")
    return Event(
        action,
        dedup_key(f"{host}/{service}" if service else host),
        summary=shorten(f"{about} is {state}: {output}" if output else f"{about} is {state}", SUMMARY_MAX),
        severity=_SEVERITIES.get(state, Severity.ERROR),
        source=host[:300],
        details={name: value for name, value in sent.items() if value not in ("", None)},
        links=web_links((link, "Notes")),
        note=_note(fields) if action is EventAction.ACKNOWLEDGE else "",
    )


def _told(output: str, state: str) -> str:
    """The first line, without the state that is said anyhow: a text to a phone has no room for it twice."""
    line = output.partition("\n")[0].strip()
    again = _SAID_AGAIN.match(line)
    return line[again.end() :] if again and (again[1] == state or state in ("DOWN", "UNREACHABLE")) else line


def _note(fields: Mapping[str, Any]) -> str:
    author = text_of(fields, "author", "notificationauthor", "serviceackauthor", "hostackauthor")
    comment = text_of(fields, "comment", "notificationcomment", "serviceackcomment", "hostackcomment")
    return shorten(": ".join(part for part in (author, comment) if part), NOTE_MAX)


def form_sample(kind: str, state: str, output: str) -> Sample:
    fields = {"type": kind, "host": "db1", "service": "Disk /var", "state": state, "output": output, "problem_id": "17"}
    return Sample(urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded"})


_CURL = f"/usr/bin/curl -fsS -m 20 --retry 4 --retry-connrefused {URL}"
_OF_SERVICE = f"""define command {{
    command_name  notify-service-by-oncall
    command_line  {_CURL} --data-urlencode "type=$NOTIFICATIONTYPE$" \
--data-urlencode "host=$HOSTNAME$" --data-urlencode "service=$SERVICEDESC$" --data-urlencode "state=$SERVICESTATE$" \
--data-urlencode "output=$SERVICEOUTPUT$" --data-urlencode "author=$NOTIFICATIONAUTHOR$" \
--data-urlencode "comment=$NOTIFICATIONCOMMENT$" --data-urlencode "url=$SERVICENOTESURL$"
}}"""
_OF_HOST = f"""define command {{
    command_name  notify-host-by-oncall
    command_line  {_CURL} --data-urlencode "type=$NOTIFICATIONTYPE$" \
--data-urlencode "host=$HOSTNAME$" --data-urlencode "state=$HOSTSTATE$" --data-urlencode "output=$HOSTOUTPUT$" \
--data-urlencode "author=$NOTIFICATIONAUTHOR$" --data-urlencode "comment=$NOTIFICATIONCOMMENT$" \
--data-urlencode "url=$HOSTNOTESURL$"
}}"""
_CONTACT = """define contact {
    contact_name                   oncall
    service_notification_period    24x7
    host_notification_period       24x7
    service_notification_options   w,u,c,r,f,s
    host_notification_options      d,u,r,f,s
    service_notification_commands  notify-service-by-oncall
    host_notification_commands     notify-host-by-oncall
}"""

TOOL = Tool(
    "Nagios",
    parse,
    trigger=form_sample("PROBLEM", "CRITICAL", "DISK CRITICAL - free space: /var 120 MB (1%)"),
    resolve=form_sample("RECOVERY", "OK", "DISK OK - free space: /var 9000 MB (75%)"),
    recipe=(
        Step("Add to Nagios' objects, for example in conf.d/oncall.cfg, the commands", f"{_OF_SERVICE}\n{_OF_HOST}"),
        Step("and the contact that uses them", _CONTACT),
        Step("Add the contact to the contact group that your hosts and services notify", "members  …,oncall"),
        Step(
            "In the templates of your services add f and s, the ends of flapping and of downtime: Nagios is silent "
            "about what recovers meanwhile, and its alert would stay open here",
            "notification_options  w,u,c,r,f,s",
        ),
        Step("In those of your hosts too", "notification_options  d,u,r,f,s"),
        Step("Check and reload", "nagios4 -v /etc/nagios4/nagios.cfg && systemctl reload nagios4"),
    ),
)
