"""A bad config names every error at once, each with its path in the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.config.load import load
from oncall.config.schema import Config
from oncall.config.yaml_text import read_yaml, write_yaml
from oncall.errors import BadInput
from oncall.ingest.registry import TOOLS
from tests.config.company import BEFORE, EXAMPLE, complaint, complaints, the_example


def test_the_example_of_the_design_is_in_order() -> None:
    assert complaints(BEFORE) == []
    assert complaints(EXAMPLE, load(BEFORE)) == []


def test_the_example_alone_is_told_whom_and_what_it_lacks() -> None:
    assert complaints(EXAMPLE) == [
        "teams[0].members[1] (dev): there is no user bob",
        "schedules[0].rotations[0].members.not_in[0] (dev, developers): there is no schedule ops",
        "schedules[0].rotations[0].members.not_in[1] (dev, developers): there is no schedule payments",
        "schedules[0].rotations[0].members.not_in[2] (dev, developers): there is no schedule support",
        "schedules[0].overrides[0].user (dev): there is no user bob",
    ]


def test_errors_of_form_and_of_reference_come_together() -> None:
    text = """
users:
  - {handle: alice, name: Alice, timezone: America/New_Yrok}
schedules:
  - name: dev
    team: ghosts
    timezone: America/New_York
    levels: [L1]
    rotations:
      - {name: all, members: [alice, zoe], start: 2026-01-05T10:00, shift: 3 fortnights, first_shift_level: L9}
services:
  - {name: web, escalation_policy: nobody, integration_keys: [{name: old, tool: carrier-pigeon}]}
extra: 1
"""
    assert complaints(text) == [
        'users[0].timezone (alice): "America/New_Yrok" is not a time zone: perhaps America/New_York',
        'schedules[0].rotations[0].shift (dev, all): A shift can\'t last "3 fortnights": write a whole number of hours,'
        ' days, weeks or months, like "3 days"',
        "schedules[0].team (dev): there is no team ghosts",
        "schedules[0].rotations[0].members[1] (dev, all): there is no user zoe",
        "schedules[0].rotations[0].first_shift_level (dev, all): schedule dev has no level L9",
        "services[0].escalation_policy (web): there is no escalation policy nobody",
        "services[0].integration_keys[0].tool (web, old): carrier-pigeon is not a known tool: "
        f"known are {', '.join(sorted(TOOLS))}",
        "extra: is not known here: known are users, teams, schedules, escalation_policies, services, "
        "heartbeats, maintenance",
    ]


def test_what_could_not_be_read_is_not_called_missing_as_well() -> None:
    text = """
users: [{name: Nameless}, {handle: alice, name: Alice}]
teams: [{name: dev, members: [alice, bob]}]
schedules: [{name: dev, timezone: UTC, levels: L1}]
escalation_policies: [{name: dev, steps: [{page: ["schedule:dev/L1", "user:bob"], wait: 5m}]}]
"""
    assert complaints(text) == ["users[0].handle (Nameless): is missing", "schedules[0].levels (dev): must be a list"]


def test_nothing_is_there_twice() -> None:
    text = """
users: [{handle: alice, name: Alice}, {handle: bob, name: Bob}, {handle: alice, name: Alice Again}]
teams: [{name: dev, members: [alice, bob, alice]}, {name: dev}]
schedules: [{name: dev, timezone: UTC, levels: [L1, L1]}]
"""
    assert complaints(text) == [
        "users[2].handle (alice): alice is here twice: see users[0] as well",
        "teams[0].members[2] (dev): alice is here twice: see members[0] as well",
        "teams[1].name (dev): dev is here twice: see teams[0] as well",
        "schedules[0].levels[1] (dev): L1 is here twice: see levels[0] as well",
    ]


def test_a_new_object_has_to_be_complete_and_one_that_exists_has_not() -> None:
    text = (
        "schedules: [{name: dev, rotations: [{name: developers, shift: 1 week}]}, {name: qa, rotations: [{name: all}]}]"
    )

    assert complaints(text, the_example()) == [
        "schedules[1].timezone (qa): is missing",
        "schedules[1].levels (qa): is missing",
        "schedules[1].rotations[0].members (qa, all): is missing",
        "schedules[1].rotations[0].start (qa, all): is missing",
        "schedules[1].rotations[0].shift (qa, all): is missing",
    ]


def test_an_object_that_the_file_breaks_from_afar_is_named() -> None:
    text = "schedules: [{name: dev, levels: [L1], rotations: [{name: developers, levels: [L1]}]}]"

    assert complaint(text, the_example()) == (
        "escalation_policies[dev].steps[1].page[0] (set up already): schedule dev has no level L2"
    )


def test_what_was_wrong_before_does_not_stop_a_file_about_something_else() -> None:
    whole = the_example()
    without_alice = whole.model_copy(update={"users": [one for one in whole.users if one.handle != "alice"]})

    assert complaints("services: [{name: web, description: The site}]", without_alice) == []
    assert complaint("escalation_policies: [{name: dev, repeat: 3}]", without_alice) == (
        "escalation_policies[0].fallback (dev): there is no user alice"
    )


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "null"])
def test_a_file_without_sections_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="must hold sections"):
        load(text)


def test_an_empty_map_is_a_config_that_says_nothing() -> None:
    assert load("{}") == Config()


JUNK = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["", "x", "-1m", "10:00", "L1", "alice"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "handle", "x"]), inner),
    max_leaves=4,
)


@given(st.data())
def test_whatever_is_wrong_the_answer_is_a_list_of_problems(data: st.DataObject) -> None:
    """The example with junk in up to three places."""
    content = read_yaml(EXAMPLE)
    for _ in range(data.draw(st.integers(1, 3))):
        holder = content
        while True:
            step = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
            if not (isinstance(holder[step], dict | list) and holder[step] and data.draw(st.booleans())):
                break
            holder = holder[step]
        holder[step] = data.draw(JUNK)
    for line in complaints(write_yaml(content), the_example()):
        assert line.partition(": ")[2], line
