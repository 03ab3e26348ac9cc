"""A plan says in plain words what a file would change, and gives no secret away."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.config.export import to_yaml
from oncall.config.load import load
from oncall.config.merge import merge
from oncall.config.plan import difference
from oncall.config.schema import Config, TeamForm, UserForm
from oncall.config.service_forms import HeartbeatForm
from tests.config.company import the_example


def changes(text: str) -> list[str]:
    """What the text would change of the example, a line each."""
    current = the_example()
    merged = merge(current, load(text, current))
    return "\n".join(str(change) for change in difference(current, merged)).splitlines()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("users: [{handle: carol, name: Carol Cohen}]", ["+ user carol"]),
        ("users: [{handle: bob, role: admin}]", ["~ user bob: role user -> admin"]),
        ("users: [{handle: alice, email: null}]", ["~ user alice: email alice@example.com -> nothing"]),
        ("teams: [{name: dev, members: [bob, alice]}]", []),
        ("teams: [{name: dev, members: [bob]}]", ["~ team dev: members removed: alice"]),
        (
            "schedules: [{name: dev, rotations: [{name: developers, shift: 1 week, hours: null}]}]",
            [
                "~ schedule dev: rotations[developers].shift 3 days -> 1 week",
                "~ schedule dev: rotations[developers].hours Mon-Fri 09:00-17:00 -> nothing",
            ],
        ),
        (
            "schedules: [{name: dev, rotations: [{name: developers, members: [alice, bob]}]}]",
            [
                "~ schedule dev: rotations[developers].members "
                "{tagged: developer, not_in: [ops, payments, support]} -> alice, bob"
            ],
        ),
        (
            "schedules: [{name: dev, overrides: []}]",
            [
                "~ schedule dev: overrides removed: "
                "{level: L1, user: bob, start: '2026-02-01T15:00+00:00', end: '2026-02-02T15:00+00:00'}"
            ],
        ),
        (
            "escalation_policies: [{name: dev, repeat: 0, steps: [{page: 'schedule:dev/L1', wait: 90s}, "
            "{page: 'schedule:dev/L2', wait: 10m}, {page: 'team:dev', wait: 15m}]}]",
            ["~ escalation policy dev: repeat 2 -> 0", "~ escalation policy dev: steps[0].wait 5m -> 90s"],
        ),
        ("schedules: [{name: dev, rest: 12h}]", ["~ schedule dev: rest 0m -> 12h"]),
        ("heartbeats: [{name: nightly-backup, grace: 1h}]", ["~ heartbeat nightly-backup: grace 30m -> 1h"]),
    ],
)
def test_a_change_is_said_in_the_words_of_the_file(text: str, lines: list[str]) -> None:
    assert changes(text) == lines


def test_the_same_step_once_more_is_a_change() -> None:
    step = "{page: 'team:dev', wait: 15m}"
    once = load(f"escalation_policies: [{{name: a, steps: [{step}]}}]")
    twice = load(f"escalation_policies: [{{name: a, steps: [{step}, {step}]}}]")

    assert len(difference(once, merge(once, twice))) == 1


def test_keys_and_phone_numbers_are_not_shown_in_full() -> None:
    text = """
users: [{handle: alice, contact_methods: [{name: mobile, address: "+12025550199"}]}]
services:
  - {name: web, integration_keys: [{name: events, key: secret-secret-secret}, {name: new, tool: generic, key: short}]}
"""
    shown = "\n".join(changes(text))

    for secret in ("2025550199", "2025550101", "secret-secret", "0123456789abcdef", "chosen-or", "short"):
        assert secret not in shown
    assert "~ user alice: contact_methods[mobile].address …0101 -> …0199" in shown
    assert "~ service web: integration_keys[events].key …cdef -> …cret" in shown


def test_the_order_of_rotations_matters() -> None:
    rotation = "members: [bob], start: 2026-01-05T10:00, shift: 1 week"
    days, nights = f"{{name: days, {rotation}}}", f"{{name: nights, {rotation}}}"
    one = load(f"schedules: [{{name: qa, rotations: [{days}, {nights}]}}]")
    other = load(f"schedules: [{{name: qa, rotations: [{nights}, {days}]}}]")

    assert [str(change) for change in difference(one, merge(one, other))] == [
        "~ schedule qa: rotations, the last of which wins: days, nights -> nights, days"
    ]


NAMES = st.sampled_from(["alice", "bob", "charlie", "no", "null", "0123", "10.00"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
SPANS = st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))


def part(form: type, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """A form that gives some of these fields, with its name."""
    name = "handle" if form is UserForm else "name"
    return st.fixed_dictionaries({name: NAMES}, optional=fields).map(lambda values: form(**values))


def section(forms: st.SearchStrategy[object], name: str = "name") -> st.SearchStrategy[list[object]]:
    return st.lists(forms, unique_by=lambda form: getattr(form, name), max_size=4)


CONFIGS = st.builds(
    Config,
    users=section(part(UserForm, name=TEXTS, email=st.none(), tags=st.lists(NAMES, unique=True)), "handle"),
    teams=section(part(TeamForm, members=st.lists(NAMES, unique=True), managers=st.lists(NAMES, unique=True))),
    heartbeats=section(part(HeartbeatForm, service=NAMES, every=SPANS, grace=SPANS, key=NAMES.map(lambda n: n[:2]))),
)


@settings(max_examples=40, deadline=None)
@given(CONFIGS, CONFIGS)
def test_a_file_applied_twice_changes_nothing_the_second_time(current: Config, wanted: Config) -> None:
    once = merge(current, wanted)

    assert merge(once, wanted) == once
    assert difference(once, merge(once, wanted)) == []


@settings(max_examples=40, deadline=None)
@given(CONFIGS, CONFIGS)
def test_there_is_a_change_exactly_where_something_differs(current: Config, wanted: Config) -> None:
    merged = merge(current, wanted)

    assert bool(difference(current, merged)) == (unordered(merged) != unordered(current))


def unordered(config: Config) -> Config:
    """The config with its unordered lists in one order."""
    teams = [
        team.model_copy(update={"members": sorted(team.members), "managers": sorted(team.managers)})
        for team in config.teams
    ]
    return config.model_copy(update={"teams": teams})


@settings(max_examples=40, deadline=None)
@given(CONFIGS)
def test_what_is_exported_loads_back_as_the_same(config: Config) -> None:
    assert load(to_yaml(config)) == config
