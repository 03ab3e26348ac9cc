"""Whether somebody is ready for their next shift."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, NotificationRule, Urgency
from oncall.people.readiness import Facts, Topic, Weight, is_ready, readiness

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def method(number: int, kind: str, **fields: Any) -> ContactMethod:
    given = {"verified_at": NOW, **fields}
    return ContactMethod(id=number, user_id=1, name=kind, kind=kind, address="+12025550101", **given)


def rule(number: int, minutes: int) -> NotificationRule:
    return NotificationRule(user_id=1, contact_method_id=number, urgency=Urgency.HIGH, after_seconds=60 * minutes)


def tried(state: DeliveryState) -> Delivery:
    return Delivery(kind="sms", address="", created_at=NOW, due_at=NOW, state=state)


TEXT, CALL = method(1, "sms"), method(2, "voice")
READY: dict[str, Any] = {
    "methods": [TEXT, CALL],
    "rules": [],
    "tests": [tried(DeliveryState.DELIVERED)],
    "has_calendar": True,
    "is_away": False,
    "is_first": False,
}


def told(**changes: Any) -> list[tuple[Weight, Topic]]:
    return [(check.weight, check.topic) for check in readiness(Facts(**READY | changes), NOW)]


def test_whoever_has_it_all_is_ready_and_hears_of_nothing_to_do() -> None:
    assert {weight for weight, _ in told()} == {Weight.FINE}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"methods": []}, (Weight.MISSING, Topic.METHODS)),
        ({"methods": [method(1, "sms", verified_at=None)]}, (Weight.MISSING, Topic.METHODS)),
        ({"is_away": True}, (Weight.MISSING, Topic.ABSENCES)),
        ({"methods": [TEXT]}, (Weight.ADVICE, Topic.METHODS)),
        ({"methods": [TEXT, CALL, method(3, "email", disabled_at=NOW)]}, (Weight.ADVICE, Topic.METHODS)),
        ({"rules": [rule(1, 10)]}, (Weight.ADVICE, Topic.RULES)),
        ({"tests": []}, (Weight.ADVICE, Topic.METHODS)),
        ({"tests": [tried(DeliveryState.FAILED)]}, (Weight.ADVICE, Topic.METHODS)),
        ({"has_calendar": False}, (Weight.ADVICE, Topic.CALENDAR)),
        ({"is_first": True}, (Weight.ADVICE, Topic.SHIFT)),
    ],
)
def test_what_is_missing_or_would_be_wise_comes_first(changes: dict[str, Any], what: tuple[Weight, Topic]) -> None:
    assert told(**changes)[0] == what
    assert is_ready(readiness(Facts(**READY | changes), NOW)) == (what[0] is Weight.ADVICE)


def test_a_wait_of_minutes_is_said_and_fine() -> None:
    checks = readiness(Facts(**READY | {"rules": [rule(2, 3)]}), NOW)

    assert [check.sentence for check in checks if check.topic is Topic.RULES] == [
        "Urgent alerts reach you after 3 min."
    ]
    assert is_ready(checks)
