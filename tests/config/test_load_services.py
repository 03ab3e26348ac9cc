"""What a config says of escalation policies and services is checked."""

import pytest

from oncall.config.load import load
from oncall.config.merge import merge
from tests.config.company import complaint, complaints, the_example


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (
            "alice",
            '"alice" is not a target: write user:HANDLE, team:NAME, schedule:NAME or schedule:NAME/LEVEL, '
            "or team:NAME/METHOD for an address of a team",
        ),
        ("user:zoe", "there is no user zoe"),
        ("team:ghosts", "there is no team ghosts"),
        ("schedule:qa", "there is no schedule qa"),
        ("schedule:dev/L3", "schedule dev has no level L3"),
    ],
)
def test_targets_are_checked(target: str, problem: str) -> None:
    text = f"escalation_policies: [{{name: new, steps: [{{page: '{target}', wait: 5m}}]}}]"

    assert complaint(text, the_example()) == f"escalation_policies[0].steps[0].page (new): {problem}"


def test_a_schedule_is_a_target_with_all_its_levels() -> None:
    assert (
        complaints("escalation_policies: [{name: new, steps: [{page: 'schedule:dev', wait: 0m}]}]", the_example()) == []
    )


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        ("steps: [{page: user:bob, wait: 5m}], acknowledge_timeout: 0m", ".acknowledge_timeout (new): "),
        ("steps: [{page: user:bob, wait: 5m, acknowledgements: 0}]", ".steps[0].acknowledgements (new): "),
        (
            "steps: [{page: team:dev, wait: 5m, round_robin: true, acknowledgements: 2}]",
            ".steps[0].acknowledgements (new): is 2, but a round-robin step pages one person: leave out one of the two",
        ),
        (
            "steps: [{page: user:bob, wait: 5m}, {page: [user:bob, user:alice], wait: 5m, acknowledgements: 3}]",
            ".steps[1].acknowledgements (new): must be no more than the people whom the step pages, who are 2",
        ),
        (
            "steps: [{page: 'team:dev/#warroom', wait: 5m}]",
            ".steps (new): page nobody, since all of them only post to addresses: add people, a schedule or a team",
        ),
        (
            "steps: [{page: [user:bob, 'team:dev/#peace'], wait: 5m}]",
            ".steps[0].page[1] (new): team dev has no contact method #peace",
        ),
        (
            "steps: [{page: [user:bob, 'team:ghosts/#warroom'], wait: 5m}]",
            ".steps[0].page[1] (new): there is no team ghosts",
        ),
        (
            "fallback: 'team:dev/#warroom', steps: [{page: user:bob, wait: 5m}]",
            ".fallback (new): is an address, at which nobody is paged",
        ),
    ],
)
def test_what_a_policy_says_is_checked(policy: str, problem: str) -> None:
    warroom = load("teams: [{name: dev, contact_methods: [{name: '#warroom', kind: slack, address: C0WARROOM}]}]")
    current = merge(the_example(), warroom)

    assert complaint(f"escalation_policies: [{{name: new, {policy}}}]", current).startswith(
        f"escalation_policies[0]{problem}"
    )


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ("urgency: medium", ".urgency (web): "),
        ("support_hours: {hours: Mon-Fri, timezone: Mars/Base}", '.support_hours.timezone (web): "Mars/Base" is not'),
        ("support_hours: {hours: Foo, timezone: UTC}", '.support_hours.hours (web): "Foo" is not a day'),
        ("support_hours: {timezone: UTC}", ".support_hours.hours (web): "),
        (
            "urgency: low, support_hours: {hours: Mon-Fri, timezone: UTC}",
            ".support_hours (web): decide the urgency: leave them out, or leave out urgency: low",
        ),
    ],
)
def test_what_a_service_says_of_urgency_is_checked(service: str, problem: str) -> None:
    assert complaint(f"services: [{{name: web, {service}}}]", the_example()).startswith(f"services[0]{problem}")


def test_a_key_leads_to_one_place() -> None:
    keys = "[{name: a, tool: generic, key: chosen-or-generated}]"
    text = f"services: [{{name: api, escalation_policy: dev, integration_keys: {keys}}}]"

    assert complaint(text, the_example()) == (
        "services[0].integration_keys[0].key (api, a): this key is taken by prometheus of service web"
    )
