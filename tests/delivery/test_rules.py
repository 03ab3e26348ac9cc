"""Which contact methods a page uses, and when; and that everybody who can be reached is."""

from datetime import UTC, datetime, timedelta

from oncall.delivery.rules import plan
from oncall.models import ContactMethod, NotificationRule, Urgency

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def method(number: int, kind: str = "sms", *, verified: bool = True, disabled: bool = False) -> ContactMethod:
    return ContactMethod(
        id=number,
        user_id=1,
        name=f"{kind}{number}",
        kind=kind,
        address="+12025550101",
        verified_at=NOW if verified else None,
        disabled_at=NOW if disabled else None,
    )


def rule(number: int, minutes: int, urgency: Urgency = Urgency.HIGH) -> NotificationRule:
    return NotificationRule(user_id=1, contact_method_id=number, urgency=urgency, after_seconds=60 * minutes)


def planned(
    methods: list[ContactMethod], *rules: NotificationRule, urgency: Urgency = Urgency.HIGH
) -> list[tuple[str, int]]:
    """(contact method, minutes after the page)."""
    return [
        (each.method.name, (each.due_at - NOW) // timedelta(minutes=1)) for each in plan(methods, rules, urgency, NOW)
    ]


def test_rules_are_followed_in_the_order_of_their_times() -> None:
    assert planned([method(1), method(2, "voice")], rule(2, 5), rule(1, 1)) == [("sms1", 1), ("voice2", 5)]


def test_without_rules_for_an_urgency_texts_go_at_once_and_calls_after_two_minutes() -> None:
    both = [method(1, "voice"), method(2)]
    assert planned(both) == [("sms2", 0), ("voice1", 2)]
    assert planned(both, rule(1, 0), urgency=Urgency.LOW) == [("sms2", 0), ("voice1", 2)]


def test_who_has_only_a_phone_to_ring_is_called_at_once() -> None:
    assert planned([method(1, "voice")]) == [("voice1", 0)]


def test_the_first_that_can_be_used_takes_the_turn_of_those_that_can_not() -> None:
    off = [method(1, disabled=True), method(2, verified=False), method(3, "voice"), method(4)]
    assert planned(off, rule(1, 0), rule(2, 1), rule(3, 5), rule(4, 8)) == [("voice3", 0), ("sms4", 8)]


def test_rules_of_which_none_can_be_used_leave_the_default() -> None:
    assert planned([method(1, disabled=True), method(2)], rule(1, 3)) == [("sms2", 0)]


def test_who_has_no_way_at_all_has_no_plan() -> None:
    assert planned([method(1, verified=False)], rule(1, 0)) == []
