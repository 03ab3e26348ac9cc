"""Rules of a team's key: edited in a form, tried on what came, and kept only when somebody says so."""

import json
import re
from typing import Any

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.running.runtime import Runtime
from oncall.setup.team_keys import find_team_key
from tests.client import TestClient
from tests.web.pages.browser import Browser, Forms, queries
from tests.web.pages.conftest import NOW

PAGE = "/teams/dev/keys/everything"
SETUP = """
teams:
  - name: dev
    integration_keys:
      - name: everything
        tool: generic
        service: web
        key: the-key-of-the-team
        rules:
          - {name: staging, when: [{field: labels.env, equals: [staging, test]}], suppress: true}
          - {name: info, when: [{field: severity, equals: info}], urgency: low}
"""
CONDITION = {"field": "summary", "how": "contains", "value": "disk"}


@pytest.fixture
def more() -> str:
    """The team's key."""
    return SETUP


@pytest.fixture
def came(stranger: TestClient) -> None:
    for event in (
        {"summary": "Disk full on db1", "dedup_key": "db1", "labels": {"env": "prod"}},
        {"summary": "Disk full on test1", "dedup_key": "test1", "labels": {"env": "test"}},
        {"action": "resolve", "dedup_key": "db1"},
        {"token": "abc"},
    ):
        stranger.post("/ingest/generic/the-key-of-the-team", json=event)


def rules(runtime: Runtime) -> list[dict[str, Any]]:
    with runtime.database.read() as session:
        return find_team_key(session, "dev", "everything").key.rules


def press(bob: Browser, page: dict[str, str], button: str, **typed: str | list[str]) -> Any:
    """A button of the form as it stands in a page that was shown."""
    return bob.client.post(PAGE, data=page | typed | {"do": button})


def form(page: str) -> dict[str, str]:
    return Forms(page).found[PAGE]


def test_what_came_is_shown_with_what_the_rules_make_of_it(bob: Browser, came: None) -> None:
    page = bob.open(PAGE)

    assert "by rule “staging”" in page
    assert "no rule matches" in page
    assert "goes wherever its alert is" in page
    assert "summary&#39; is missing" in page
    assert '<option value="labels.env">' in page


def test_a_rule_is_added_tried_and_then_kept(bob: Browser, runtime: Runtime, came: None) -> None:
    before = rules(runtime)
    added = press(bob, form(bob.open(PAGE)), "add").text
    typed = {"name": "disks", "service": "search", **CONDITION}

    tried = press(bob, form(added), "try", **typed).text
    assert "by rule “disks”" in tried
    assert "Not kept yet" in tried
    assert rules(runtime) == before

    assert "The rules are kept" in press(bob, form(tried), "save", **typed).text
    kept = rules(runtime)
    assert [rule["name"] for rule in kept] == ["staging", "info", "disks"]
    assert (kept[2]["service"], kept[2]["when"][0]["contains"]) == ("search", "disk")


def test_rules_change_places_and_are_removed(bob: Browser, runtime: Runtime) -> None:
    moved = press(bob, form(bob.open(PAGE)), "down 0").text
    press(bob, form(moved), "save")
    assert [rule["name"] for rule in rules(runtime)] == ["info", "staging"]

    removed = press(bob, form(bob.open(PAGE)), "remove 0").text
    press(bob, form(removed), "save")
    assert [rule["name"] for rule in rules(runtime)] == ["staging"]


def test_what_is_wrong_is_told_at_the_rule_and_nothing_that_was_typed_is_lost(bob: Browser, runtime: Runtime) -> None:
    before = rules(runtime)
    opened = press(bob, form(bob.open(PAGE)), "edit 0").text
    assert "staging\ntest</textarea>" in opened

    refused = press(bob, form(opened), "save", name="staging", field="host", how="matches", value="(", suppress="1")

    assert refused.status_code == 400
    assert "Rule 1 “staging”" in refused.text
    assert "is no field of an event" in refused.text
    assert 'value="host"' in refused.text
    assert rules(runtime) == before


def test_rules_that_somebody_else_changed_are_not_overwritten_unawares(bob: Browser, runtime: Runtime) -> None:
    mine = form(bob.open(PAGE))
    press(bob, form(press(bob, mine, "remove 0").text), "save")

    late = press(bob, mine, "save")
    assert (late.status_code, len(rules(runtime))) == (409, 1)
    assert "Somebody else has saved this" in late.text
    assert "the rules are now: info" in late.text

    press(bob, form(late.text), "save")
    assert len(rules(runtime)) == 2


def test_nor_after_other_buttons_of_the_form_were_pressed(bob: Browser, runtime: Runtime) -> None:
    mine = form(bob.open(PAGE))
    press(bob, form(press(bob, mine, "remove 0").text), "save")

    moved = form(press(bob, mine, "down 0").text)

    assert press(bob, moved, "save").status_code == 409
    assert [rule["name"] for rule in rules(runtime)] == ["info"]


def test_what_is_wrong_is_said_beside_its_field_of_a_rule_that_is_opened_for_it(bob: Browser) -> None:
    opened = form(press(bob, form(bob.open(PAGE)), "edit 0").text)
    typed = {"name": "staging", "field": ["labels.env", "host"], "how": ["equals"] * 2, "value": ["test", "db1"]}
    closed = form(press(bob, opened, "close", **typed, hours="9-25", timezone="Mars", suppress="1").text)

    refused = press(bob, closed, "save").text

    assert told_at(refused, "when.1").startswith("“host” is no field of an event")
    assert told_at(refused, "hours").startswith("Can&#39;t read")
    assert told_at(refused, "timezone").startswith("&#34;Mars&#34; is not a time zone")
    assert "Nothing is saved yet." in refused
    both = press(bob, form(refused), "save", name="disks", urgency="low", hours="", **CONDITION).text
    assert told_at(both, "itself").startswith("must say what it does")


def test_how_its_tool_is_connected_is_told_with_the_key(bob: Browser) -> None:
    assert "Connect Any JSON" not in bob.open(PAGE)
    shown = bob.open(f"{PAGE}?shown=1")
    assert "Connect Any JSON" in shown
    assert "the-key-of-the-team" in shown.split("Connect Any JSON")[1]


def test_a_name_that_another_rule_has_is_said_beside_it(bob: Browser) -> None:
    opened = form(press(bob, form(bob.open(PAGE)), "edit 1").text)

    refused = press(bob, opened, "save", name="staging", urgency="low", **CONDITION).text

    assert told_at(refused, "name") == "staging is here twice: see rule 1 as well"


def told_at(page: str, field: str) -> str:
    """Beside the field."""
    found = re.search(rf'id="wrong-{field}">.*?<span>(.*?)</span>', page, re.DOTALL)
    return found[1] if found else "nothing"


def test_while_somebody_types_only_what_was_tried_comes_back(bob: Browser, came: None) -> None:
    opened = form(press(bob, form(bob.open(PAGE)), "edit 1").text)
    typed = opened | {"name": "info", "suppress": "1", **CONDITION}

    part = bob.client.post(PAGE, data=typed, headers={"HX-Request": "true"}).text

    assert part.lstrip().startswith("<section")
    assert "by rule “info”" in part


@pytest.mark.parametrize("draft", ["[", "{}", '[{"name": 1}]', '[{"when": [{"how": "x"}]}]', '[{"name": "\\u0000"}]'])
def test_a_form_that_is_not_ours_is_refused(bob: Browser, draft: str) -> None:
    assert press(bob, form(bob.open(PAGE)) | {"draft": draft}, "save").status_code == 400


def test_it_is_for_admins_whose_own_form_it_is(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    alice.open(PAGE, status=403)
    assert press(bob, form(bob.open(PAGE)) | {"csrf": ""}, "save").status_code == 403
    assert PAGE in bob.open("/suppressed")
    assert PAGE not in alice.open("/suppressed")


def test_as_many_questions_are_asked_whatever_there_is(
    bob: Browser, runtime: Runtime, stranger: TestClient, came: None
) -> None:
    runtime.journal.write()
    few = queries(runtime, lambda: bob.open(PAGE))
    many = [{"name": f"rule {number}", "when": [CONDITION_STORED], "suppress": True} for number in range(30)]
    with runtime.database.transaction() as session:
        part = {"teams": [{"name": "dev", "integration_keys": [{"name": "everything", "rules": many}]}]}
        apply(session, load(json.dumps(part), export(session)), NOW)
    for number in range(15):
        stranger.post("/ingest/generic/the-key-of-the-team", json={"summary": f"Disk {number} full"})
    runtime.journal.write()

    assert queries(runtime, lambda: bob.open(PAGE)) == few


CONDITION_STORED = {"field": "summary", "contains": "disk"}
