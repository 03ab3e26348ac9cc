"""Pure: how urgent an alert is, by its severity, its service, and the service's support hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from oncall.models.alert import Severity
from oncall.models.person import Urgency
from oncall.models.service import ServiceUrgency
from schedules.hours import Hours
from schedules.hours_text import parse_hours

BY_SEVERITY = {
    Severity.CRITICAL: Urgency.HIGH,
    Severity.ERROR: Urgency.HIGH,
    Severity.WARNING: Urgency.LOW,
    Severity.INFO: Urgency.LOW,
}
AHEAD = timedelta(days=15)
"""Hours open every week, but for the one in which clocks jump over them."""


@dataclass(frozen=True, slots=True)
class SupportHours:
    hours: Hours
    zone: ZoneInfo
    during: Urgency
    outside: Urgency

    def are_open(self, now: datetime) -> bool:
        return bool(self.hours.spans(self.zone, now, now + datetime.resolution))

    def next_opening(self, now: datetime) -> datetime | None:
        """The first moment from now on at which they are open."""
        return next((start for start, _ in self.hours.spans(self.zone, now, now + AHEAD)), None)


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """Of a service. Without hours and a fixed urgency, the severity decides."""

    fixed: Urgency | None = None
    support_hours: SupportHours | None = None

    def at_trigger(self, severity: Severity, now: datetime) -> tuple[Urgency, datetime | None]:
        """The urgency of an alert that triggers now, and when it rises by itself, if ever."""
        if self.support_hours is None:
            return self.fixed or BY_SEVERITY[severity], None
        support = self.support_hours
        if support.are_open(now):
            return support.during, None
        rises = (support.outside, support.during) == (Urgency.LOW, Urgency.HIGH)
        return support.outside, support.next_opening(now) if rises else None

    def at_repeat(self, severity: Severity) -> Urgency | None:
        """Of an open alert whose tool sends another event. None: as it is, since it was settled when it triggered."""
        return None if self.support_hours is not None else self.fixed or BY_SEVERITY[severity]


def rule_of(urgency: ServiceUrgency, support_hours: dict[str, str] | None) -> UrgencyRule:
    """From a service's columns."""
    if support_hours:
        return UrgencyRule(support_hours=_read(**support_hours))
    return UrgencyRule(None if urgency is ServiceUrgency.SEVERITY else Urgency(urgency.value))


@lru_cache(maxsize=1024)
def _read(hours: str, timezone: str, during: str, outside: str) -> SupportHours:
    return SupportHours(parse_hours(hours), ZoneInfo(timezone), Urgency(during), Urgency(outside))
