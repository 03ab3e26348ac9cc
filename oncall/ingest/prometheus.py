"""Prometheus itself, through the API that it takes for Alertmanager's (https://prometheus.io/docs/alerting/latest/clients/).

It is given our address as a path prefix and posts a list of alerts to `…/api/v2/alerts`, again and again while they
fire, then for 15 minutes with an `endsAt` that is over.
"""

import json
from datetime import UTC, datetime
from typing import Any

from oncall.alerts.event import Event, EventAction
from oncall.ingest.alertmanager import event_of, key_of, problems_of
from oncall.ingest.reading import BadEvent, Inbound, read_json
from oncall.ingest.tool import HOST, PATH, SCHEME, URL, Sample, Step, Tool

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""How Go writes a time that is not set."""


def parse(inbound: Inbound) -> list[Event]:
    """Events in the order of the alerts. Raises BadEvent with every fault."""
    alerts = read_json(inbound.body)
    if not isinstance(alerts, list) or not alerts:
        raise BadEvent(["the body must be a JSON list with at least one alert (Alertmanager's API, version 2)"])
    problems = [problem for number, alert in enumerate(alerts) for problem in _problems(f"[{number}]", alert)]
    if problems:
        raise BadEvent(problems)
    return [_event(alert, inbound.at) for alert in alerts]


def _problems(name: str, alert: Any) -> list[str]:
    faults = problems_of(name, alert)
    if not isinstance(alert, dict):
        return faults
    if alert.get("labels") == {}:
        faults.append(f"'{name}.labels' must hold at least one label")
    if _time(alert.get("endsAt")) is None:
        faults.append(f"'{name}.endsAt' must be a time as in RFC 3339")
    return faults


def _event(alert: dict[str, Any], at: datetime) -> Event:
    ends_at = _time(alert.get("endsAt"))
    is_over = ends_at is not None and NEVER < ends_at <= at
    return event_of(
        EventAction.RESOLVE if is_over else EventAction.TRIGGER,
        key_of(alert["labels"]),
        alert,
        (alert.get("generatorURL"), "Expression in Prometheus"),
    )


def _time(written: object) -> datetime | None:
    """None when it can't be read."""
    if written in (None, ""):
        return NEVER
    try:
        time = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=time.tzinfo or UTC) if time else None


def _sample(ends_at: str) -> Sample:
    alert = {
        "labels": {"alertname": "TargetDown", "instance": "web1:9100", "job": "node", "severity": "critical"},
        "annotations": {"summary": "web1:9100 is down"},
        "startsAt": "2026-01-05T10:00:00.935Z",
        "endsAt": ends_at,
        "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
    }
    return Sample(json.dumps([alert]).encode())


TOOL = Tool(
    "Prometheus",
    parse,
    trigger=_sample("0001-01-01T00:00:00Z"),
    resolve=_sample("2026-01-05T10:04:00.935Z"),
    gathers=True,
    recipe=(
        Step(
            "In prometheus.yml, name us as an Alertmanager: no Alertmanager is needed, and one that you have may stay",
            f"alerting:\n  alertmanagers:\n    - scheme: {SCHEME}\n      path_prefix: {PATH}\n      static_configs:\n"
            f"        - targets: ['{HOST}']",
        ),
        Step("It will then post to", f"{URL}/api/v2/alerts"),
        Step("Reload Prometheus", "kill -HUP $(pidof prometheus)"),
    ),
    path="api/v2/alerts",
)
