"""Prometheus' own posts, as captured from the real program (tests/payloads/prometheus) and as they can go wrong."""

from datetime import timedelta
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import prometheus
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import NOW, as_json, captured, gist
from tests.schedules.cast import utc

FIRING = "prometheus/001_POST_direct_api_v2_alerts"
RESOLVED = "prometheus/003_POST_direct_api_v2_alerts"
KEY = "alertname=TargetDown&cluster=probe&instance=127.0.0.1:19099&job=victim&service=web&severity=critical"
LABELS = {"alertname": "TargetDown", "instance": "web1"}


def test_an_alert_triggers_by_its_labels_while_its_end_is_to_come() -> None:
    (event,) = prometheus.parse(captured(FIRING, utc("2026-11-22 21:48")))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, KEY, Severity.CRITICAL)
    assert (event.summary, event.source) == ("127.0.0.1:19099 is down", "127.0.0.1:19099")
    assert [link["text"] for link in event.links] == ["Expression in Prometheus"]
    assert (event.labels["cluster"], event.labels["job"]) == ("probe", "victim")


def test_it_is_resolved_when_its_end_is_over() -> None:
    (event,) = prometheus.parse(captured(RESOLVED, utc("2026-11-22 21:49")))
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, KEY)


@pytest.mark.parametrize("ends_at", [None, "", "0001-01-01T00:00:00Z", (NOW + timedelta(seconds=1)).isoformat()])
def test_an_end_that_is_not_set_or_to_come_is_none(ends_at: str | None) -> None:
    assert gist(prometheus.parse(as_json([{"labels": LABELS, "endsAt": ends_at}])))[0][0] == "trigger"


def test_nanoseconds_and_other_zones_are_read() -> None:
    alerts = [{"labels": LABELS, "endsAt": "2026-11-23T14:59:59.123456789+01:00"}]
    assert gist(prometheus.parse(as_json(alerts)))[0][0] == "resolve"


def test_one_post_mixes_firing_and_resolved() -> None:
    alerts: list[dict[str, Any]] = [
        {"labels": LABELS},
        {"labels": LABELS | {"instance": "web2"}, "endsAt": "2026-11-23T13:00:00Z"},
    ]
    assert [(action, key) for action, key, _ in gist(prometheus.parse(as_json(alerts)))] == [
        ("trigger", "alertname=TargetDown&instance=web1"),
        ("resolve", "alertname=TargetDown&instance=web2"),
    ]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        prometheus.parse(as_json([{"labels": {}}, {"labels": LABELS, "endsAt": "soon", "annotations": []}, 3]))
    assert caught.value.problems == [
        "'[0].labels' must hold at least one label",
        "'[1].endsAt' must be a time as in RFC 3339",
        "'[2]' must be an object",
    ]
