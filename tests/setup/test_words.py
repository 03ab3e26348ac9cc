"""What is set up is said in words: no page shows what the file or a table calls it."""

from datetime import UTC, datetime, timedelta

import pytest

from oncall.config.form import Form
from oncall.config.load import load
from oncall.config.merge import merge
from oncall.config.plan import difference
from oncall.models import Role
from oncall.setup import words
from oncall.setup.audit import WATCHED
from tests.config.company import the_example


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("schedule:support/L1", "whoever is L1 on support"),
        ("schedule:support", "everybody on call for support"),
        ("team:dev", "everybody in team dev"),
        ("team:dev/#warroom", "#warroom of team dev"),
        ("user:alice", "alice"),
        ("nobody in particular", "nobody in particular"),
    ],
)
def test_a_target_is_said_in_words(target: str, said: str) -> None:
    assert words.target(target) == said


def test_no_field_is_called_as_the_file_or_a_table_has_it() -> None:
    columns = [name for table, watched in WATCHED.items() for name in table.model_fields if name not in watched.kept]
    fields = [name for form in Form.__subclasses__() for name in form.model_fields]

    assert [name for name in {*columns, *fields} if "_" in words.field(name) or not words.field(name)] == []


def test_a_field_of_something_with_a_name_is_said_with_it() -> None:
    assert words.field("rotations[v1.2].first_shift_level") == "rotation v1.2, first shifts are on"
    assert words.field("rotations, the last of which wins:") == "rotations, the last of which wins"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("quiet_hours", "22:00-07:00", "22:00-07:00"),
        ("tags", [], "nothing"),
        ("enabled", False, "no"),
        ("role", Role.VIEWER, "viewer"),
        ("urgency", "low", "can wait"),
        ("repeats", "FREQ=WEEKLY", "every week"),
        ("horizon_days", 56, "56 days"),
        ("auto_resolve_seconds", 14_400, "4h"),
        ("rest", timedelta(hours=12), "12h"),
        ("starts_at", datetime(2026, 3, 4, 10, tzinfo=UTC), "4 Mar 2026 10:00 UTC"),
        ("flapping", {"times": 4, "within_seconds": 600}, "times 4, within 10m"),
        (
            "steps",
            [
                {"page": ["schedule:dev/L1", "user:bob"], "wait_seconds": 300},
                {"page": ["team:dev"], "wait_seconds": 600},
            ],
            "page whoever is L1 on dev, bob, wait 5m; page everybody in team dev, wait 10m",
        ),
    ],
)
def test_a_value_is_said_in_words(field: str, value: object, said: str) -> None:
    assert words.value(field, value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "escalation_policies: [{name: dev, fallback: 'schedule:ops/L1', "
            "steps: [{page: 'schedule:dev/L2', wait: 5m}, {page: 'schedule:dev/L2', wait: 10m}, "
            "{page: 'team:dev', wait: 15m}]}]",
            ["fallback: alice → whoever is L1 on ops", "step 1, page: whoever is L1 on dev → whoever is L2 on dev"],
        ),
        ("teams: [{name: dev, members: [bob]}]", ["members removed: alice"]),
        (
            "schedules: [{name: dev, rotations: [{name: developers, shift: 1 week}]}]",
            ["rotation developers, shift: 3 days → 1 week"],
        ),
        ("users: [{handle: alice, quiet_hours: {hours: '22:00-07:00'}}]", ["quiet hours: nothing → hours 22:00-07:00"]),
    ],
)
def test_a_change_is_said_in_words(text: str, said: list[str]) -> None:
    current = the_example()

    assert words.changes(difference(current, merge(current, load(text, current)))) == said


def test_an_address_is_masked_in_words_too() -> None:
    current = the_example()
    text = "teams: [{name: dev, contact_methods: [{name: post, kind: webhook, address: 'https://hooks.example.com/secret-1'}]}]"

    (said,) = words.changes(difference(current, merge(current, load(text, current))))

    assert "et-1" in said
    assert "hooks.example.com" not in said
