"""Pure: which contact methods of a person are used for a page, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.registry import KINDS
from oncall.models.person import ContactMethod, NotificationRule, Urgency

CALL_AFTER = timedelta(minutes=2)
"""Where a person has set no rules: texts at once, calls after this."""


@dataclass(frozen=True, slots=True)
class Planned:
    method: ContactMethod
    due_at: datetime
    waits_from: datetime | None = None
    """When it would go, were it not for quiet hours."""


def is_usable(method: ContactMethod) -> bool:
    return method.verified_at is not None and method.disabled_at is None


def can_carry_notices(method: ContactMethod) -> bool:
    """Texts and their like: nobody is called for what can wait."""
    return is_usable(method) and not KINDS[method.kind].rings


def for_notices(
    methods: Sequence[ContactMethod], rules: Sequence[NotificationRule], now: datetime
) -> ContactMethod | None:
    """The first to try: as for alerts that can wait, and else any that can carry it. None: there is no such method."""
    planned = [each.method for each in plan(methods, rules, Urgency.LOW, now)]
    return next((method for method in [*planned, *methods] if can_carry_notices(method)), None)


def plan(
    methods: Sequence[ContactMethod], rules: Sequence[NotificationRule], urgency: Urgency, now: datetime
) -> list[Planned]:
    """Every delivery of one page, soonest first. Empty when the person has no usable contact method.

    Where the first rules name methods that can't be used, the first that can takes their turn: nobody waits for a
    call because their texts are switched off.
    """
    usable = {method.id: method for method in methods if is_usable(method)}
    ordered = sorted((rule for rule in rules if rule.urgency is urgency), key=lambda rule: rule.after_seconds)
    working = [rule for rule in ordered if rule.contact_method_id in usable]
    if not working:
        return sorted(_default(list(usable.values()), now), key=lambda item: item.due_at)
    seconds = [ordered[0].after_seconds, *(rule.after_seconds for rule in working[1:])]
    return [
        Planned(usable[rule.contact_method_id], now + timedelta(seconds=after))
        for rule, after in zip(working, seconds, strict=True)
    ]


def quietly(methods: Sequence[ContactMethod], now: datetime) -> list[Planned]:
    """On the first method that does not ring. Empty when there is none."""
    written = (method for method in methods if is_usable(method) and not KINDS[method.kind].rings)
    return [Planned(method, now) for method in written][:1]


def _default(methods: Sequence[ContactMethod], now: datetime) -> list[Planned]:
    has_text = any(not KINDS[method.kind].rings for method in methods)
    return [Planned(method, now + CALL_AFTER if KINDS[method.kind].rings and has_text else now) for method in methods]
