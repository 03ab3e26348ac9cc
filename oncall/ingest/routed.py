"""Events of a key with rules: each given its source, or suppressed; what rules did is counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import Source
from oncall.alerts.routing import RoutingRule, route
from oncall.alerts.urgency import UrgencyRule
from oncall.models import RuleCount, SuppressedEvent

KEPT = 200
"""The last suppressed events of each rule."""

_counts: sa.Table = RuleCount.__table__  # type: ignore[attr-defined]
_suppressed: sa.Table = SuppressedEvent.__table__  # type: ignore[attr-defined]


class Routing(NamedTuple):
    """Of a key: its rules, and the sources of the services that they name."""

    key_id: int
    rules: tuple[RoutingRule, ...]
    sources: Mapping[str, Source]


Sourced = list[tuple[Source | None, Event]]
Matches = dict[tuple[int, str], int]


@dataclass(slots=True)
class Routed:
    """What a batch brought for keys with rules."""

    matches: Matches = field(default_factory=lambda: defaultdict(int))
    suppressed: dict[tuple[int, str], list[Event]] = field(default_factory=lambda: defaultdict(list))

    def take(self, routing: Routing, own: Source, events: Sequence[Event], now: datetime) -> Sourced:
        """Each event with its source; suppressed ones have none."""
        everywhere = (own, *routing.sources.values())
        work: Sourced = []
        for event in events:
            rule = route(routing.rules, event, now) if event.action is EventAction.TRIGGER else None
            if rule is not None and rule.suppress:
                self.suppressed[routing.key_id, rule.name].append(event)
                work.append((None, event))
            elif rule is not None:
                self.matches[routing.key_id, rule.name] += 1
                work.append(_by_rule(rule, routing, own, everywhere, event))
            else:
                work.append((own._replace(elsewhere=everywhere), event))
        return work


def _by_rule(
    rule: RoutingRule, routing: Routing, own: Source, everywhere: tuple[Source, ...], event: Event
) -> tuple[Source, Event]:
    source = routing.sources.get(rule.service or "", own)
    source = source._replace(sender=f"{own.sender} by rule “{rule.name}”", elsewhere=everywhere)
    if rule.urgency is not None:
        source = source._replace(urgency=UrgencyRule(rule.urgency))
    return source, event if rule.severity is None else replace(event, severity=rule.severity)


_COUNT = sa.text(
    "INSERT INTO rule_counts (key_id, rule, count, last_at) VALUES (:key_id, :rule, :count, :last_at)"
    " ON CONFLICT (key_id, rule) DO UPDATE SET count = rule_counts.count + excluded.count, last_at = excluded.last_at"
    " RETURNING count"
).bindparams(sa.bindparam("last_at", type_=_counts.c.last_at.type))
_KEEP = sa.text(
    "INSERT INTO suppressed_events (key_id, rule, slot, at, dedup_key, summary, source, severity, labels)"
    " VALUES (:key_id, :rule, :slot, :at, :dedup_key, :summary, :source, :severity, :labels)"
    " ON CONFLICT (key_id, rule, slot) DO UPDATE SET at = excluded.at, dedup_key = excluded.dedup_key,"
    " summary = excluded.summary, source = excluded.source, severity = excluded.severity, labels = excluded.labels"
).bindparams(*(sa.bindparam(name, type_=_suppressed.c[name].type) for name in ("at", "severity", "labels")))


def keep_suppressed(session: Session, routed: Routed, now: datetime) -> None:
    """Before anything else of the batch, since it asks how many there were."""
    connection = session.connection()
    for (key_id, rule), events in sorted(routed.suppressed.items(), key=lambda item: item[0]):
        place = {"key_id": key_id, "rule": rule}
        count = connection.execute(_COUNT, {**place, "count": len(events), "last_at": now}).scalar_one()
        first = count - len(events[-KEPT:])
        rows = [
            {
                **place,
                "slot": (first + number) % KEPT,
                "at": now,
                "dedup_key": event.dedup_key,
                "summary": event.summary,
                "source": event.source,
                "severity": event.severity,
                "labels": event.labels,
            }
            for number, event in enumerate(events[-KEPT:])
        ]
        connection.execute(_KEEP, rows)


def count_matches(session: Session, routed: Routed, now: datetime) -> None:
    """After everything else, so that these few rows are locked no longer than the commit takes."""
    for (key_id, rule), count in sorted(routed.matches.items()):
        session.connection().execute(_COUNT, {"key_id": key_id, "rule": rule, "count": count, "last_at": now})
