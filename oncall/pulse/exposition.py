"""What Prometheus reads: what this process has counted, and how the whole installation stands.

Of several processes on one database each tells its own counts, to be summed, and the same vitals: take `max`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST as CONTENT_TYPE
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from oncall import __version__
from oncall.metrics import REGISTRY
from oncall.pulse.canary_report import CanaryReport
from oncall.pulse.vitals import Vitals

__all__ = ["CONTENT_TYPE", "Process", "exposition"]

Counts = Iterable[tuple[Sequence[str], float]]
"""Values of labels, and how many."""


@dataclass(frozen=True, slots=True)
class Process:
    """How the process itself stands. `sending` is None where no engine is in it."""

    events_waiting: int
    sending: int | None


def exposition(process: Process, vitals: Vitals | None, now: datetime) -> bytes:
    """In Prometheus's text format. `vitals` None: the database does not answer, which is told too."""
    registry = CollectorRegistry()
    registry.register(_Vitals(process, vitals, now))
    return generate_latest(REGISTRY) + generate_latest(registry)


class _Vitals(Collector):
    def __init__(self, process: Process, vitals: Vitals | None, now: datetime) -> None:
        self._process, self._vitals, self._now = process, vitals, now

    def collect(self) -> Iterator[Metric]:
        yield _counts("oncall_build_info", "This version.", ["version"], [((__version__,), 1)])
        yield _value(
            "oncall_ingest_queue", "Requests with events that wait for their commit.", self._process.events_waiting
        )
        if self._process.sending is not None:
            yield _value("oncall_sending", "Requests at providers under way in this process.", self._process.sending)
        yield _value("oncall_database_up", "1 when the database answers.", int(self._vitals is not None))
        if self._vitals is not None:
            yield from _of(self._vitals, self._now)


def _of(vitals: Vitals, now: datetime) -> Iterator[Metric]:
    yield _counts("oncall_alerts", "Open alerts.", ["status", "urgency"], vitals.open_alerts.items())
    deliveries = "Deliveries that are planned or on their way."
    yield _counts("oncall_deliveries_live", deliveries, ["kind", "state"], vitals.live_deliveries.items())
    lag = GaugeMetricFamily(
        "oncall_engine_lag_seconds", "How long the oldest that is due has waited to be done.", labels=["of"]
    )
    lag.add_metric(["alerts"], vitals.alerts_overdue.total_seconds())
    lag.add_metric(["deliveries"], vitals.deliveries_overdue.total_seconds())
    yield lag
    if vitals.last_pass_at is not None:
        age = (now - vitals.last_pass_at).total_seconds()
        yield _value("oncall_engine_pass_age_seconds", "Since any engine last said that it makes its passes.", age)
    if vitals.is_on_irc is not None:
        yield _value("oncall_irc_up", "1 while the bot sits in its channel on IRC.", int(vitals.is_on_irc))
    if vitals.canaries:
        yield from _of_canaries(vitals.canaries)


def _of_canaries(canaries: Sequence[CanaryReport]) -> Iterator[Metric]:
    """Each by its kind, its number (an address may be a person's) and the account that it tries, by the name that the
    settings give it.
    """
    labels = ["kind", "canary", "account"]
    failing = GaugeMetricFamily(
        "oncall_canary_failing", "1 from a canary that failed to one that arrives.", labels=labels
    )
    planned = GaugeMetricFamily("oncall_canary_timestamp_seconds", "When the last one was sent.", labels=labels)
    took = GaugeMetricFamily("oncall_canary_seconds", "How long the last one took.", labels=[*labels, "until"])
    for each in canaries:
        values = [each.canary.kind, str(each.canary.id), each.tried.account]
        failing.add_metric(values, int(each.is_failing))
        if each.last is not None:
            planned.add_metric(values, each.last.created_at.timestamp())
        for until, latency in (("accepted", each.latency.accepted), ("delivered", each.latency.delivered)):
            if latency is not None:
                took.add_metric([*values, until], latency.total_seconds())
    yield from (failing, planned, took)


def _value(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _counts(name: str, what: str, labels: list[str], counts: Counts) -> Metric:
    gauge = GaugeMetricFamily(name, what, labels=labels)
    for values, count in counts:
        gauge.add_metric([str(value) for value in values], count)
    return gauge
