"""Rotations added, ranked and taken out, and new schedules: looked at first, and never over others' work."""

import html
import re

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import RotationForm, ScheduleForm
from oncall.models import Role
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import NOW, Clock
from tests.web.pages.schedules.test_rotation import Form

NEW, LIST, SCHEDULE = "/schedules/dev/new-rotation", "/schedules/dev/rotations", "/new-schedule"
NIGHTS = {"name": "nights", "hours": "20:00-08:00", "members": '"vera"'}
BOTH = """
users: [{handle: alice, role: admin}]
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [alice, bob], until: null}
      - {name: nights, members: [vera], start: 2026-03-01T20:00, shift: 1 week, hours: "20:00-08:00"}
"""
TEAM = "teams: [{name: payments, members: [alice, bob], managers: [alice]}]"


def schedules(runtime: Runtime) -> dict[str, ScheduleForm]:
    with runtime.database.read() as session:
        return {each.name: each for each in export(session).schedules}


def rotations(runtime: Runtime) -> list[RotationForm]:
    return schedules(runtime)["dev"].rotations


def on_page(form: Form) -> list[str]:
    """From the one that wins."""
    return [value for name, value in form.fields if name == "order"]


@pytest.fixture
def both(runtime: Runtime, clock: Clock) -> Runtime:
    """With a rotation at night that wins, both older than an hour."""
    with runtime.database.transaction() as session:
        apply(session, load(BOTH, export(session)), NOW, confirm=True)
    clock.forward(hours=2)
    return runtime


@pytest.fixture
def payments(runtime: Runtime) -> Runtime:
    """Of which Alice is the manager, and no admin."""
    with runtime.database.transaction() as session:
        apply(session, load(TEAM), NOW)
    return runtime


def test_a_rotation_is_added_once_it_has_been_looked_at(bob: Browser, runtime: Runtime) -> None:
    form = Form(bob, at=NEW).send("look", **NIGHTS)

    assert "gain or lose time" in form.page
    assert "Vera Viewer" in form.page.partition("Who gains and who loses")[2]
    assert [each.name for each in rotations(runtime)] == ["developers"]

    assert "nights is added." in form.send("save").page
    assert [(each.name, each.hours) for each in rotations(runtime)] == [
        ("developers", None),
        ("nights", "20:00-08:00"),
    ]


def test_what_the_schedule_still_needs_is_told_with_the_preview(bob: Browser, runtime: Runtime) -> None:
    page = Form(bob, at=NEW).send("look", **NIGHTS).page

    assert "Vera Viewer is on L1 and L2 at once" in page
    assert "Nobody is on L1 from Sat 7 Mar 02:00 EST" in page  # on the reader’s clock


def test_members_of_a_new_rotation_can_be_ruled(bob: Browser, runtime: Runtime) -> None:
    assert "?ruled=1" in bob.open(NEW)
    form = Form(bob, bob.open(f"{NEW}?ruled=1"), at=NEW).send(
        "look", name="all", tagged="developer", hours="Sat 08:00-09:00"
    )
    form.send("save")

    assert rotations(runtime)[-1].members.tagged == ["developer"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "must not be empty"),
        ({"name": "developers"}, "name", "there is a rotation developers already"),
        ({"shift": "3 bananas"}, "shift", "bananas"),
    ],
)
def test_what_is_wrong_with_a_new_one_is_said_beside_its_field(
    bob: Browser, runtime: Runtime, typed: dict[str, str], field: str, sentence: str
) -> None:
    page = Form(bob, at=NEW).send("look", **NIGHTS | typed).page

    (said,) = re.findall(rf'id="fault-{field}">([^<]+)<', page)
    assert sentence in html.unescape(said)


def test_whoever_adds_one_is_shown_what_another_has_added_meanwhile(
    alice: Browser, bob: Browser, runtime: Runtime
) -> None:
    with runtime.database.transaction() as session:
        person(session, "alice").role = Role.ADMIN
    theirs = Form(bob, at=NEW).send("look", **NIGHTS)
    Form(alice, at=NEW).send("look", **NIGHTS | {"name": "late"}).send("save")

    refused = theirs.send("save")

    assert "Somebody has changed these rotations while you edited" in refused.page
    assert "rotations[late] added" in refused.page
    assert "nights is added." in refused.send("save").page
    assert [each.name for each in rotations(runtime)] == ["developers", "late", "nights"]


def test_the_order_is_changed_by_buttons_and_seen_before_it_is_saved(bob: Browser, both: Runtime) -> None:
    form = Form(bob, at=LIST)
    assert on_page(form) == ["nights", "developers"]

    form = form.send("down nights")
    assert on_page(form) == ["developers", "nights"]
    assert "gain or lose time" in form.page
    assert [each.name for each in rotations(both)] == ["developers", "nights"]

    assert "The rotations are saved." in form.send("save").page
    assert [each.name for each in rotations(both)] == ["nights", "developers"]


def test_a_rotation_is_taken_out_and_put_back_before_it_is_saved(bob: Browser, both: Runtime) -> None:
    form = Form(bob, at=LIST).send("out nights")
    assert "<s>nights</s>" in form.page
    assert on_page(form.send("back nights")) == ["nights", "developers"]

    form.send("save")
    assert [each.name for each in rotations(both)] == ["developers"]


def test_to_take_the_last_out_tells_who_is_missing_then(bob: Browser, runtime: Runtime) -> None:
    form = Form(bob, at=LIST).send("out developers")

    assert "Nobody would be on dev L1" in form.page
    assert "Save all the same" in form.page


def test_what_another_has_added_meanwhile_stays_when_the_order_is_saved(
    alice: Browser, bob: Browser, both: Runtime
) -> None:
    theirs = Form(bob, at=LIST).send("down nights")
    Form(alice, at=NEW).send("look", **NIGHTS | {"name": "late", "hours": "Sat 08:00-09:00"}).send("save")

    refused = theirs.send("save")

    assert "rotations[late] added" in refused.page
    assert on_page(refused) == ["late", "developers", "nights"]
    refused.send("save")
    assert [each.name for each in rotations(both)] == ["nights", "developers", "late"]


@pytest.mark.parametrize("path", [NEW, LIST])
def test_only_who_runs_the_schedule_changes_its_rotations(
    alice: Browser, vera: Browser, path: str, runtime: Runtime
) -> None:
    assert f'href="{path}"' not in alice.open("/schedules/dev")
    for browser in (alice, vera):
        browser.open(path, status=403)
        assert browser.client.post(path, data={}).status_code == 403


def test_a_schedule_is_made_from_a_starter_with_the_team_s_members(alice: Browser, payments: Runtime) -> None:
    typed = {"name": "payments", "team": "payments", "timezone": "Europe/Berlin", "starter": "hours-and-nights"}
    form = Form(alice, at=SCHEDULE).send("look", **typed)

    assert "Who would be on call, from " in form.page
    assert "payments" not in schedules(payments)

    assert "payments is made." in form.send("save").page
    made = schedules(payments)["payments"]
    assert (made.team, made.levels) == ("payments", ["L1"])
    assert [each.name for each in made.rotations] == ["nights and weekends", "business hours"]


def test_an_empty_schedule_is_made_with_its_levels_and_says_that_nobody_is_on(bob: Browser, runtime: Runtime) -> None:
    typed = {"name": "new", "timezone": "UTC", "starter": "empty", "levels": "first, second"}
    form = Form(bob, at=SCHEDULE).send("look", **typed)

    assert "Nobody would be on call yet" in form.page
    assert "Nobody is on first now" in form.page
    form.send("save")
    assert schedules(runtime)["new"].levels == ["first", "second"]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": "dev"}, "name", "there is a schedule dev already"),
        ({"name": ""}, "name", "must not be empty"),
        ({"timezone": "Europe/Berlni"}, "timezone", "Europe/Berlin"),
        ({"starter": "magic"}, "starter", "choose one"),
        ({"starter": "three-days"}, "team", "choose a team that has members"),
        ({"levels": ""}, "levels", "must not be empty"),
    ],
)
def test_what_is_wrong_with_a_new_schedule_is_said_beside_its_field(
    bob: Browser, runtime: Runtime, typed: dict[str, str], field: str, sentence: str
) -> None:
    right = {"name": "new", "timezone": "UTC", "starter": "empty", "levels": "L1", "team": ""}
    page = Form(bob, at=SCHEDULE).send("look", **right | typed).page

    (said,) = re.findall(rf'id="fault-{field}">([^<]+)<', page)
    assert sentence in html.unescape(said)
    assert list(schedules(runtime)) == ["dev"]


def test_of_two_who_make_a_schedule_of_one_name_the_second_is_told(bob: Browser, runtime: Runtime) -> None:
    typed = {"name": "new", "timezone": "UTC", "starter": "empty", "levels": "L1", "team": ""}
    theirs = Form(bob, at=SCHEDULE).send("look", **typed)
    Form(bob, at=SCHEDULE).send("look", **typed | {"levels": "L1, L2"}).send("save")

    assert "there is a schedule new already" in theirs.send("save").page
    assert schedules(runtime)["new"].levels == ["L1", "L2"]


def test_managers_make_schedules_of_their_own_teams_alone(alice: Browser, vera: Browser, payments: Runtime) -> None:
    assert 'href="/new-schedule"' in alice.open("/schedules")
    assert 'href="/new-schedule"' not in vera.open("/schedules")
    vera.open(SCHEDULE, status=403)
    form = Form(alice, at=SCHEDULE)
    assert "Choose a team that you manage" in form.send("look", status=403, name="x", team="", starter="empty").page
