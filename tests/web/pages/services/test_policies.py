"""Policies as pictures, and their editor: steps added and moved without JavaScript, and nobody's work lost."""

from typing import Any

import pytest
from sqlmodel import select

from oncall.escalation.policies import as_policy
from oncall.models import EscalationPolicy, Team, TeamMember
from oncall.models.service import IN_FORCE
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, Forms, person

EDITOR = "/policy-editor?name=dev"
TYPED: dict[str, Any] = {
    "name": "dev",
    "page.0": ["schedule:dev/L1", ""],
    "page.1": ["schedule:dev/L2", "user:bob"],
    "wait": ["5m", "10m"],
    "acknowledgements": ["1", "2"],
    "repeat": "1",
    "fallback": "user:alice",
    "acknowledge_timeout": "",
}


def hidden(page: str) -> dict[str, str]:
    form = Forms(page).found["/policy-editor"]
    return {"csrf": form["csrf"], "base": form["base"]}


def steps(runtime: Runtime, name: str = "dev") -> list[tuple[tuple[str, ...], float, int]]:
    with runtime.database.read() as session:
        row = session.exec(select(EscalationPolicy).where(IN_FORCE, EscalationPolicy.name == name)).one()
        return [(step.page, step.wait.total_seconds(), step.acknowledgements) for step in as_policy(row).steps]


def send(browser: Browser, typed: dict[str, Any], status: int = 200) -> str:
    answer = browser.client.post("/policy-editor", data=typed, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return answer.text


def test_the_picture_says_who_each_step_means_now(vera: Browser) -> None:
    page = vera.open("/policies/dev")

    assert "Alice Archer" in page
    assert "+ 5 min" in page
    assert "no fallback" in page
    assert 'href="/would-page?service=web"' in page
    assert 'href="/policies/dev"' in vera.open("/policies")
    assert "There is no escalation policy shop" in vera.open("/policies/shop", status=404)


def test_people_are_called_by_their_names(bob: Browser) -> None:
    send(bob, {**TYPED, **hidden(bob.open(EDITOR))})

    for path in ("/policies", "/policies/dev"):
        page = bob.open(path)
        assert "<span>Alice Archer</span>" in page  # the fallback
        assert "<span>alice</span>" not in page


def test_what_is_saved_is_what_the_config_would_say(bob: Browser, runtime: Runtime) -> None:
    page = send(bob, {**TYPED, **hidden(bob.open(EDITOR))})

    assert "Kept" in page
    assert steps(runtime) == [(("schedule:dev/L1",), 300, 1), (("schedule:dev/L2", "user:bob"), 600, 2)]


def test_much_that_was_changed_is_said_in_a_few_lines_until_it_is_opened(bob: Browser) -> None:
    assert '<details class="grow"><summary>Kept: ' in send(bob, {**TYPED, **hidden(bob.open(EDITOR))})
    shorter = send(bob, {**TYPED, "repeat": "2", **hidden(bob.open(EDITOR))})
    assert "<span>Kept: how often it begins again: 1 → 2." in shorter


def test_steps_are_added_moved_and_removed_with_nothing_saved(bob: Browser, runtime: Runtime) -> None:
    typed, before = {**TYPED, **hidden(bob.open(EDITOR))}, steps(runtime)

    assert "Step 3" in send(bob, {**typed, "do": "add"})
    assert "Step 2" not in send(bob, {**typed, "do": "remove 0"})
    moved = send(bob, {**typed, "do": "up 1"})
    assert moved.index('value="schedule:dev/L2"') < moved.index('value="schedule:dev/L1"')
    out = send(bob, {**typed, "do": "out 1 0"})
    assert "Take out Bob Baker (bob)" in out
    assert "Take out whoever is L2 on dev" not in out
    assert steps(runtime) == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("page.0", ["the boss", ""], "is not a target"),
        ("page.0", ["user:nobody", ""], "nobody"),
        ("wait", ["soon", "10m"], "soon"),
        ("repeat", "often", "whole number"),
        ("acknowledgements", ["0", "1"], "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_the_rest_stays(
    bob: Browser, runtime: Runtime, field: str, value: Any, said: str
) -> None:
    before = steps(runtime)

    page = send(bob, {**TYPED, **hidden(bob.open(EDITOR)), field: value}, status=400)

    assert 'id="wrong-' in page
    assert said in page
    assert 'value="user:alice"' in page
    assert steps(runtime) == before


def test_the_second_of_two_who_edit_sees_what_the_first_did(bob: Browser, runtime: Runtime) -> None:
    first, second = hidden(bob.open(EDITOR)), hidden(bob.open(EDITOR))
    send(bob, {**TYPED, **first, "wait": ["7m", "10m"]})

    page = send(bob, {**TYPED, **second, "wait": ["9m", "10m"]}, status=409)

    assert "Somebody else has saved this" in page
    assert "7m" in page
    assert 'value="9m"' in page
    assert steps(runtime)[0][1] == 7 * 60

    send(bob, {**TYPED, **hidden(page), "wait": ["9m", "10m"]})
    assert steps(runtime)[0][1] == 9 * 60


def test_a_new_one_is_made_and_not_over_one_of_that_name(bob: Browser, runtime: Runtime) -> None:
    new = hidden(bob.open("/policy-editor"))

    assert "has been made" in send(bob, {**TYPED, **new}, status=409)
    assert "Kept" in send(bob, {**TYPED, **new, "name": "night"})
    assert len(steps(runtime, "night")) == 2


def test_a_spoilt_form_is_no_fault_of_ours(bob: Browser) -> None:
    typed = {**TYPED, **hidden(bob.open(EDITOR))}

    send(bob, {**typed, "base": "{"}, status=409)
    send(bob, {**typed, "wait": [], "page.0": []}, status=400)
    send(bob, {**typed, "do": "remove 99999999999999999999"})


def test_managers_edit_what_only_their_teams_follow(alice: Browser, runtime: Runtime) -> None:
    alice.open(EDITOR, status=403)
    assert alice.post("/policy-editor", name="dev", do="add").status_code == 403
    assert "/policy-editor" not in alice.open("/policies/dev")
    with runtime.database.transaction() as session:
        team = Team(name="night")
        session.add(team)
        session.flush()
        session.add(TeamMember(team_id=team.id or 0, user_id=person(session, "alice").id or 0, is_manager=True))

    alice.open(EDITOR, status=403)  # services of no team follow it
    assert "Kept" in send(alice, {**TYPED, **hidden(alice.open("/policy-editor")), "name": "night"})
    assert "Kept" in send(alice, {**TYPED, **hidden(alice.open("/policy-editor?name=night")), "name": "night"})
