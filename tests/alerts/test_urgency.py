"""How urgent: by severity, by service, by support hours in their own zone."""

from datetime import UTC, datetime

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.alerts.grouping import AlertDraft, fold, open_alert
from oncall.alerts.urgency import UrgencyRule, rule_of
from oncall.models import ServiceUrgency, Severity, Urgency

PARIS = {"hours": "Mon-Fri 09:00-17:00", "timezone": "Europe/Paris", "during": "high", "outside": "low"}
BY_SEVERITY = rule_of(ServiceUrgency.SEVERITY, None)
IN_PARIS = rule_of(ServiceUrgency.SEVERITY, PARIS)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, UTC; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "severity", "urgency"),
    [
        (BY_SEVERITY, Severity.CRITICAL, Urgency.HIGH),
        (BY_SEVERITY, Severity.ERROR, Urgency.HIGH),
        (BY_SEVERITY, Severity.WARNING, Urgency.LOW),
        (BY_SEVERITY, Severity.INFO, Urgency.LOW),
        (rule_of(ServiceUrgency.HIGH, None), Severity.INFO, Urgency.HIGH),
        (rule_of(ServiceUrgency.LOW, None), Severity.CRITICAL, Urgency.LOW),
    ],
)
def test_the_severity_decides_unless_the_service_does(rule: UrgencyRule, severity: Severity, urgency: Urgency) -> None:
    assert rule.at_trigger(severity, at(23, 3)) == (urgency, None)
    assert rule.at_repeat(severity) is urgency


@pytest.mark.parametrize(
    ("now", "urgency", "rises_at"),
    [
        (at(23, 7, 59), Urgency.LOW, at(23, 8)),  # 08:59 in Paris
        (at(23, 8), Urgency.HIGH, None),
        (at(23, 15, 59), Urgency.HIGH, None),
        (at(23, 16), Urgency.LOW, at(24, 8)),
        (at(27, 20), Urgency.LOW, at(30, 8)),  # over the weekend
    ],
)
def test_outside_support_hours_it_can_wait_until_they_begin(
    now: datetime, urgency: Urgency, rises_at: datetime | None
) -> None:
    assert IN_PARIS.at_trigger(Severity.CRITICAL, now) == (urgency, rises_at)


def test_hours_follow_the_clocks_of_their_zone() -> None:
    friday_before_summer_time = datetime(2026, 3, 27, 20, tzinfo=UTC)

    assert IN_PARIS.at_trigger(Severity.ERROR, friday_before_summer_time)[1] == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_nothing_rises_to_low() -> None:
    quiet_days = rule_of(ServiceUrgency.SEVERITY, PARIS | {"during": "low", "outside": "high"})

    assert quiet_days.at_trigger(Severity.INFO, at(23, 3)) == (Urgency.HIGH, None)
    assert quiet_days.at_trigger(Severity.INFO, at(23, 9)) == (Urgency.LOW, None)


def opened(rule: UrgencyRule, now: datetime) -> AlertDraft:
    return open_alert(Event(EventAction.TRIGGER, "disk", "Disk full"), 1, 1, "events", rule, now)


def test_an_alert_keeps_the_urgency_that_the_hours_gave_it() -> None:
    draft = opened(IN_PARIS, at(23, 7))
    assert (draft.columns["urgency"], draft.columns["urgency_rises_at"]) == (Urgency.LOW, at(23, 8))

    fold(draft, Event(EventAction.TRIGGER, "disk", "Disk full"), "events", IN_PARIS, at(23, 9))

    assert draft.columns["urgency"] is Urgency.LOW


def test_without_hours_the_urgency_follows_the_newest_severity() -> None:
    draft = opened(BY_SEVERITY, at(23, 7))
    names = list(draft.columns)

    fold(draft, Event(EventAction.TRIGGER, "disk", "Disk fuller", Severity.INFO), "events", BY_SEVERITY, at(23, 7))

    assert draft.columns["urgency"] is Urgency.LOW
    assert list(draft.columns) == names  # rows of a batch are inserted together
