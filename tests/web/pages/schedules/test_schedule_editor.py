"""What a schedule is besides its rotations, edited in a form."""

from typing import Any

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import ScheduleForm
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, Forms
from tests.web.pages.conftest import NOW

EDITOR = "/schedule-editor?name=dev"
SAVE = "/schedule-editor"
TEAMS = "teams: [{name: shop, managers: [alice]}, {name: dev, members: [alice]}]"


@pytest.fixture
def more() -> str:
    return TEAMS


def schedule(runtime: Runtime) -> ScheduleForm:
    with runtime.database.read() as session:
        return next(form for form in export(session).schedules if form.name == "dev")


def change(runtime: Runtime, text: str) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(text, export(session)), NOW, confirm=True)


def save(browser: Browser, **typed: Any) -> Any:
    return browser.client.post(SAVE, data={**browser.forms(EDITOR)[SAVE], **typed}, follow_redirects=True)


def test_all_of_it_is_changed_and_its_rotations_stay(bob: Browser, runtime: Runtime) -> None:
    before = schedule(runtime)
    typed = {"team": "dev", "levels": "L1, L2, L3", "covers": "Mon-Fri 09:00-17:00", "rest": "12h", "horizon": "28d"}

    page = save(bob, **typed, confirm="yes").text

    assert EDITOR in bob.open("/schedules/dev")
    assert "Kept: " in page
    assert "Mon-Fri 09:00-17:00" in page
    after = schedule(runtime)
    assert (after.team, after.levels, after.horizon) == ("dev", ["L1", "L2", "L3"], 28)
    assert after.rotations == [before.rotations[0].model_copy(update={"levels": after.rotations[0].levels})]
    save(bob, team="", covers="", rest="", horizon="", levels="L1, L2", confirm="yes")
    assert schedule(runtime) == before


def test_what_leaves_somebody_out_is_asked_about_first(bob: Browser, runtime: Runtime) -> None:
    before = schedule(runtime)

    asked = save(bob, levels="L1, L2, L3")

    assert "L3" in asked.text
    assert 'name="confirm"' in asked.text
    assert schedule(runtime) == before


def test_what_is_wrong_is_said_beside_its_field_and_kept(bob: Browser, runtime: Runtime) -> None:
    before = schedule(runtime)
    wrong = {"timezone": "Mars", "levels": "", "covers": "9-25", "rest": "90m", "horizon": "soon"}

    refused = save(bob, **wrong)

    assert refused.status_code == 400
    assert [name for name in wrong if f'id="wrong-{name}"' not in refused.text] == []
    assert [text for text in wrong.values() if f'value="{text}"' not in refused.text] == []
    assert schedule(runtime) == before


def test_what_is_there_twice_is_told_without_places_of_a_file(bob: Browser) -> None:
    refused = save(bob, levels="L1, L2, L1").text

    assert "L1 is here twice<" in refused
    assert "levels[" not in refused


def test_a_level_that_a_policy_pages_is_not_taken_away(bob: Browser, runtime: Runtime) -> None:
    refused = save(bob, levels="L1", confirm="yes")

    assert refused.status_code == 400
    assert "Nothing is saved yet." in refused.text
    assert schedule(runtime).levels == ["L1", "L2"]


def test_what_somebody_else_changed_is_shown_first_but_not_their_overrides(bob: Browser, runtime: Runtime) -> None:
    opened = bob.forms(EDITOR)[SAVE]
    change(runtime, "schedules: [{name: dev, covers: 'Mon-Fri 09:00-17:00'}]")

    late = bob.client.post(SAVE, data={**opened, "horizon": "28d"})

    assert late.status_code == 409
    assert "Somebody else has saved this" in late.text
    override = "{level: L1, user: bob, start: 2026-03-04T10:00, end: 2026-03-04T12:00}"
    change(runtime, f"schedules: [{{name: dev, overrides: [{override}]}}]")
    again = bob.client.post(SAVE, data={**Forms(late.text).found[SAVE], "confirm": "yes"}, follow_redirects=True)
    assert again.status_code == 200
    assert len(schedule(runtime).overrides) == 1


def test_managers_edit_that_of_their_team_and_keep_it_there(alice: Browser, runtime: Runtime) -> None:
    alice.open(EDITOR, status=403)
    change(runtime, "schedules: [{name: dev, team: shop}]")

    assert 'value="dev"' not in alice.open(EDITOR).split('name="team"')[1].split("</select>")[0]
    assert save(alice, team="dev").status_code == 403
    assert "Kept: " in save(alice, team="shop", rest="12h").text
