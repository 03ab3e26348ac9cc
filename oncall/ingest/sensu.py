"""Sensu Go's events, as a pipe handler gets them (https://docs.sensu.io/sensu-go/latest/observability-pipeline/observe-events/events/).

Those of Sensu 1, with `client` for `entity`, are read too.
"""

import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, shorten
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_SEVERITIES = {"1": Severity.WARNING, "2": Severity.CRITICAL}
"""By the check's exit status; any other is an error."""


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for metrics alone and for what is silenced. Raises BadEvent with every fault."""
    event = read_object(inbound.body)
    entity, check = object_of(event, "entity") or object_of(event, "client"), object_of(event, "check")
    host, name, status = _name(entity), _name(check), text_of(check, "status")
    if host and not check and object_of(event, "metrics"):
        return []
    problems = blank(("entity.metadata.name", host), ("check.metadata.name", name), ("check.status", status))
    if status and not status.lstrip("-").isdigit():
        problems.append("'check.status' must be a number: 0 passes, 1 warns, 2 is critical")
    if problems:
        raise BadEvent(problems)
    if status != "0" and (check.get("is_silenced") is True or event.get("silenced") is True):
        return []
    return [_event(host, name, status, entity, check)]


def _event(host: str, name: str, status: str, entity: dict[str, Any], check: dict[str, Any]) -> Event:
    namespace = text_of(object_of(entity, "metadata"), "namespace")
    inside = f"{namespace}/" if namespace not in ("", "default") else ""
    output = text_of(check, "output")
    annotations = object_of(object_of(check, "metadata"), "annotations")
    return Event(
        EventAction.RESOLVE if status == "0" else EventAction.TRIGGER,
        dedup_key(f"{inside}{host}/{name}"),
        summary=shorten(f"{name} on {host}: {output}" if output else f"{name} fails on {host}", SUMMARY_MAX),
        severity=_SEVERITIES.get(status, Severity.ERROR),
        source=host[:300],
        details={kept: check[kept] for kept in _SHOWN if check.get(kept)}
        | ({"annotations": annotations} if annotations else {}),
    )


_SHOWN = ("command", "output", "status", "state", "occurrences", "interval", "issued", "proxy_entity_name")


def _name(thing: dict[str, Any]) -> str:
    return text_of(object_of(thing, "metadata"), "name") or text_of(thing, "name")


def _sample(status: int, output: str) -> Sample:
    event = {
        "id": "3a5948f3-6ffd-4ea2-a41e-334f4a72ca2f",
        "timestamp": 1767607200,
        "entity": {"entity_class": "agent", "metadata": {"name": "web1", "namespace": "default"}},
        "check": {
            "command": "check-cpu.rb -w 75 -c 90",
            "interval": 60,
            "status": status,
            "state": "failing" if status else "passing",
            "output": output,
            "occurrences": 1,
            "is_silenced": False,
            "metadata": {"name": "check-cpu", "namespace": "default"},
        },
    }
    return Sample(json.dumps(event).encode())


TOOL = Tool(
    "Sensu",
    parse,
    trigger=_sample(2, "CheckCPU CRITICAL: user=97.20%"),
    resolve=_sample(0, "CheckCPU OK: user=12.00%"),
    recipe=(
        Step(
            "Create a handler; the filter lets problems and their end through, but for what is silenced",
            "sensuctl handler create oncall --type pipe --timeout 30 --filters is_incident,not_silenced \\\n"
            "  --command \"curl -fsS --retry 4 --retry-connrefused -H 'Content-Type: application/json' "
            f'--data-binary @- {URL}"',
        ),
        Step("Have checks use it", "sensuctl check set-handlers check-cpu oncall"),
    ),
)
