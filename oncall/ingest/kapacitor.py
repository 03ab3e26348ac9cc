"""Kapacitor's POST alert handler (https://docs.influxdata.com/kapacitor/v1/reference/event_handlers/post/)."""

import json

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, severity_of, shorten
from oncall.ingest.tool import URL, Sample, Step, Tool

_LEVELS = ("OK", "INFO", "WARNING", "CRITICAL")


def parse(inbound: Inbound) -> list[Event]:
    """One Event. Raises BadEvent with every fault."""
    fields = read_object(inbound.body)
    key, level = text_of(fields, "id"), text_of(fields, "level").upper()
    problems = blank(("id", key))
    if level not in _LEVELS:
        problems.append(f"'level' must be one of {', '.join(_LEVELS)}")
    if problems:
        raise BadEvent(problems)
    return [
        Event(
            EventAction.RESOLVE if level == "OK" else EventAction.TRIGGER,
            dedup_key(key),
            summary=shorten(text_of(fields, "message") or f"{key} is {level}", SUMMARY_MAX),
            severity=severity_of(level),
            source=_host(fields),
            details={name: value for name, value in fields.items() if name not in ("id", "message", "level")},
        )
    ]


def _host(fields: dict[str, object]) -> str:
    """The tag `host` of the first series."""
    series = object_of(fields, "data").get("series")
    first = series[0] if isinstance(series, list) and series and isinstance(series[0], dict) else {}
    return text_of(object_of(first, "tags"), "host")[:300]


def _sample(level: str, before: str, value: float) -> Sample:
    fields = {
        "id": "cpu:host=web1",
        "message": f"cpu:host=web1 is {level}: {value}",
        "details": "",
        "time": "2026-01-05T10:00:00Z",
        "duration": 60000000000,
        "level": level,
        "data": {
            "series": [
                {
                    "name": "cpu",
                    "tags": {"cpu": "cpu-total", "host": "web1"},
                    "columns": ["time", "usage_idle"],
                    "values": [["2026-01-05T10:00:00Z", value]],
                }
            ]
        },
        "previousLevel": before,
        "recoverable": True,
    }
    return Sample(json.dumps(fields).encode())


TOOL = Tool(
    "Kapacitor",
    parse,
    trigger=_sample("CRITICAL", "OK", 2.5),
    resolve=_sample("OK", "CRITICAL", 71.0),
    recipe=(
        Step(
            "In the TICKscript of each alert; the id tells its series apart",
            f"|alert()\n    .id('{{{{ .Name }}}}:{{{{ .Group }}}}')\n"
            f"    .message('{{{{ .ID }}}} is {{{{ .Level }}}}')\n    .stateChangesOnly()\n    .post('{URL}')",
        ),
        Step("Load it again", "kapacitor define cpu_alert -tick cpu_alert.tick && kapacitor reload cpu_alert"),
    ),
)
