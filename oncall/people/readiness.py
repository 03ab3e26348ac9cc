"""Pure: whether somebody is ready for their next shift, and what is missing before it or would be wise."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from notifiers.registry import KINDS
from oncall.delivery.rules import is_usable, plan
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, NotificationRule, Urgency

SOON = timedelta(minutes=5)
"""Later than that, the policy's next step may have come before the first message."""


class Weight(StrEnum):
    FINE = "fine"
    ADVICE = "advice"
    MISSING = "missing"


class Topic(StrEnum):
    """Where it is mended."""

    METHODS = "contact-methods"
    RULES = "rules"
    ABSENCES = "absences"
    CALENDAR = "calendar"
    SHIFT = "shifts"


@dataclass(frozen=True, slots=True)
class Check:
    weight: Weight
    topic: Topic
    sentence: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of somebody. `tests`: how the last test of each contact method went, by its id."""

    methods: Sequence[ContactMethod]
    rules: Sequence[NotificationRule]
    tests: Collection[Delivery]
    has_calendar: bool
    is_away: bool
    """In some of their next shift."""
    is_first: bool
    """They have never finished a shift on its level, and the schedule has the first-timer rule."""
    misses: bool = False
    """Their next is a shadow shift in which they are paged first, and they are away in some of it."""


def readiness(facts: Facts, now: datetime) -> list[Check]:
    """What is missing first."""
    found = [*_reached(facts), _soon(facts, now), _away(facts), *_first(facts), _tested(facts), _calendar(facts)]
    order = [Weight.MISSING, Weight.ADVICE, Weight.FINE]
    return sorted((check for check in found if check), key=lambda check: order.index(check.weight))


def is_ready(checks: Sequence[Check]) -> bool:
    return all(check.weight is not Weight.MISSING for check in checks)


def _reached(facts: Facts) -> list[Check]:
    usable = [method for method in facts.methods if is_usable(method)]
    if not usable:
        return [Check(Weight.MISSING, Topic.METHODS, "Nobody can page you: confirm a phone.")]
    off = [method.name for method in facts.methods if method.disabled_at is not None]
    lost = (
        [Check(Weight.ADVICE, Topic.METHODS, f"{', '.join(off)} is off: confirm it anew, or remove it.")] if off else []
    )
    if not any(KINDS[method.kind].rings for method in usable):
        return [*lost, Check(Weight.ADVICE, Topic.METHODS, "You are only written to: a call wakes better. Add one.")]
    return [*lost, Check(Weight.FINE, Topic.METHODS, "You are written to and called on confirmed numbers.")]


def _soon(facts: Facts, now: datetime) -> Check | None:
    planned = plan(facts.methods, facts.rules, Urgency.HIGH, now)
    if not planned:
        return None
    after = min(each.due_at for each in planned) - now
    if after > SOON:
        late = f"Urgent alerts reach you only after {after // timedelta(minutes=1)} min: begin your rules at 0."
        return Check(Weight.ADVICE, Topic.RULES, late)
    said = f"after {after // timedelta(minutes=1)} min" if after else "at once"
    return Check(Weight.FINE, Topic.RULES, f"Urgent alerts reach you {said}.")


def _away(facts: Facts) -> Check | None:
    if facts.misses:
        return Check(Weight.MISSING, Topic.SHIFT, "You are away in some of it: end it, and follow another day.")
    if not facts.is_away:
        return None
    return Check(Weight.MISSING, Topic.ABSENCES, "You are away in some of it: ask for cover.")


def _first(facts: Facts) -> list[Check]:
    if not facts.is_first:
        return []
    said = "It is your first shift on this level. Page the other level whenever you are out of depth: it is expected."
    return [Check(Weight.ADVICE, Topic.SHIFT, said)]


def _tested(facts: Facts) -> Check | None:
    if not any(is_usable(method) for method in facts.methods):
        return None
    if any(test.state is DeliveryState.FAILED for test in facts.tests):
        return Check(Weight.ADVICE, Topic.METHODS, "The last test of a contact method failed: see why.")
    if not any(test.state in (DeliveryState.SENT, DeliveryState.DELIVERED) for test in facts.tests):
        return Check(Weight.ADVICE, Topic.METHODS, "Never tried out: send yourself a test.")
    return Check(Weight.FINE, Topic.METHODS, "A test has reached you.")


def _calendar(facts: Facts) -> Check:
    if facts.has_calendar:
        return Check(Weight.FINE, Topic.CALENDAR, "You have a calendar link to your shifts.")
    return Check(Weight.ADVICE, Topic.CALENDAR, "Your calendar does not follow your shifts: make a link.")
