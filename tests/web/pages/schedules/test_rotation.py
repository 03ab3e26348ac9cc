"""Editing a rotation: looked at first, saved as a config file is, and never unseen over somebody else's edit."""

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import Config, RotationForm
from oncall.models import Role, Rotation
from oncall.rota.publishing import publish
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import NOW, Clock

PATH = "/schedules/dev/rotations/developers"


class Fields(HTMLParser):
    """What a browser would send of the form: fields that may be there more than once."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._is_inside = False
        self._select, self._is_chosen = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_inside |= given.get("id") in ("rotation", "rotations", "new-schedule")
        is_ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if self._is_inside and tag == "input" and is_ticked and given.get("type") != "submit":
            self.found.append((given["name"], given.get("value", "")))

        if self._is_inside and tag == "select":
            self._select = given["name"]
        self._is_chosen = self._is_inside and tag == "option" and "selected" in given

    def handle_data(self, data: str) -> None:
        if self._is_chosen:
            self.found.append((self._select, data))
            self._is_chosen = False

    def handle_endtag(self, tag: str) -> None:
        self._is_inside &= tag != "form"


class Form:
    def __init__(self, browser: Browser, page: str = "", at: str = PATH) -> None:
        self.browser, self.path = browser, at
        self.page = page or browser.open(at)
        self.fields = Fields(self.page).found

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]

    def send(self, do: str, status: int = 200, **typed: str) -> "Form":
        sent = [(name, value) for name, value in self.fields if name not in typed] + [*typed.items(), ("do", do)]
        data: dict[str, Any] = {}
        for name, value in sent:
            data.setdefault(name, []).append(value)
        response = self.browser.client.post(self.path, data=data)
        assert response.status_code == status, response.text
        return Form(self.browser, response.text, self.path)

    @property
    def order(self) -> list[str]:
        return re.findall(r'class="who-it-is">([^<]+)<', self.page)


def rotation(runtime: Runtime) -> RotationForm:
    with runtime.database.read() as session:
        return export(session).schedules[0].rotations[0]


@pytest.fixture
def more() -> str:
    """A rotation that goes on and has three members."""
    return "schedules: [{name: dev, rotations: [{name: developers, members: [alice, bob, vera], until: null}]}]"


@pytest.fixture
def lasting(runtime: Runtime, clock: Clock) -> Runtime:
    """When it is older than an hour, so that its past stays."""
    clock.forward(hours=2)
    return runtime


def test_the_form_holds_the_rotation_as_it_is(bob: Browser, lasting: Runtime) -> None:
    form = Form(bob)

    assert form.order == ["Alice Archer", "Bob Baker", "Vera Viewer"]
    assert (form.values("shift"), form.values("day"), form.values("time")) == (["1 week"], ["2026-03-02"], ["00:00"])
    assert "Save" not in form.page  # nothing has been looked at


def test_what_it_would_change_is_seen_before_it_is_saved(bob: Browser, lasting: Runtime) -> None:
    form = Form(bob).send("look", shift="2 weeks")

    assert "gain or lose time" in form.page
    before, after = form.page.partition("Before</h3>")[2].split("After</h3>")
    assert '<li class="changed ' not in before
    assert '<li class="changed ' in after
    assert "<b>gains " in after
    assert "one by one" in after
    assert rotation(lasting).shift == ["1 week"]

    page = form.send("save").page
    assert "developers is saved." in page
    assert rotation(lasting).shift == ["2 weeks"]
    with lasting.database.read() as session:  # the past is another version
        assert len(session.exec(select(Rotation)).all()) == 2


def test_members_change_places_come_and_go_by_buttons(bob: Browser, lasting: Runtime) -> None:
    form = Form(bob).send("down 0")
    assert form.order == ["Bob Baker", "Alice Archer", "Vera Viewer"]
    form = form.send("up 2").send("out 0").send("add", newcomer="").send("add", newcomer="[]")
    assert form.order == ["Vera Viewer", "Alice Archer", "Nobody: an empty turn"]
    assert "gain or lose time" in form.page  # each shows what it does

    form.send("save")
    assert [member.user for member in rotation(lasting).members] == [["vera"], ["alice"], []]


def test_a_button_that_is_none_of_ours_moves_nobody(bob: Browser) -> None:
    assert Form(bob).send("up " + "9" * 5000).order == ["Alice Archer", "Bob Baker", "Vera Viewer"]


def test_members_who_have_turns_together_or_for_a_time_are_kept(bob: Browser, lasting: Runtime) -> None:
    together = [["alice", "bob"], {"user": "vera", "joins": "2026-05-01T00:00"}]
    with lasting.database.transaction() as session:
        wanted = {"schedules": [{"name": "dev", "rotations": [{"name": "developers", "members": together}]}]}
        apply(session, Config.model_validate(wanted), NOW, confirm=True)

    form = Form(bob)
    assert form.order == ["Alice Archer and Bob Baker", "Vera Viewer, from 1 May 2026"]
    form.send("look", shift="2 weeks").send("save")

    assert [member.model_dump(mode="json") for member in rotation(lasting).members] == together


def test_a_rule_is_edited_as_one(bob: Browser, lasting: Runtime) -> None:
    with lasting.database.transaction() as session:
        apply(
            session,
            load("""
                users: [{handle: alice, tags: [a]}, {handle: bob, tags: [b]}]
                schedules: [{name: dev, rotations: [{name: developers, members: {tagged: [a, b]}}]}]
            """),
            NOW,
            confirm=True,
        )

    form = Form(bob).send("look", tagged="b, c", hours="Mon-Fri 09:00-17:00")
    form.send("save")

    assert rotation(lasting).members.tagged == ["b", "c"]  # type: ignore[union-attr]
    assert rotation(lasting).hours == "Mon-Fri 09:00-17:00"


def test_a_change_of_order_leaves_what_is_published(bob: Browser, lasting: Runtime, clock: Clock) -> None:
    publish(lasting.database, clock(), only_if_changed=False)

    page = Form(bob).send("down 0").page

    told = re.findall(r"From (\w+ \d+ \w+) on, \d people gain or lose time", page)
    assert told == ["Sun 3 May"]  # eight weeks of whole turns are told


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"shift": "3 bananas"}, "shift", 'can\'t last "3 bananas"'),
        ({"shift": ""}, "shift", "must not be empty"),
        ({"day": "soon"}, "start", "is not a wall-clock time"),
        ({"hours": "sometimes"}, "hours", "sometimes"),
        ({"timezone": "Europe/Berlni"}, "timezone", "perhaps Europe/Berlin"),
        ({"until": "2026-01-01T00:00"}, "until", "must be after start"),
        ({"first_shift_level": "L9"}, "first_shift_level", "L9"),
        ({"members": '"zoe"'}, "members", "zoe"),
        ({"members": "[[[1]]]"}, "members", "must be text"),
        ({"skip": "Mon"}, "start", "which the rotation skips"),
        ({"day": ""}, "start", "Choose the day and the time"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    bob: Browser, lasting: Runtime, typed: Mapping[str, str], field: str, sentence: str
) -> None:
    form = Form(bob).send("save", **typed)

    (said,) = re.findall(rf'id="fault-{field}">([^<]+)<', form.page)
    assert sentence in html.unescape(said)
    assert all(form.values(name) == [value] for name, value in typed.items() if name not in ("first_shift_level",))
    assert rotation(lasting).shift == ["1 week"]


@pytest.mark.parametrize("typed", [{"members": "alice"}, {"seen": "{"}, {"seen": "[" * 5000}])
def test_fields_that_no_page_of_ours_has_sent_are_refused(
    bob: Browser, lasting: Runtime, typed: Mapping[str, str]
) -> None:
    assert "The form is not one of ours any more" in Form(bob).send("look", **typed).page


def test_what_was_changed_after_the_look_is_looked_at_first(bob: Browser, lasting: Runtime) -> None:
    form = Form(bob).send("look", shift="2 weeks").send("save", shift="3 days")

    assert "The form has changed since you looked" in form.page
    assert rotation(lasting).shift == ["1 week"]
    assert "is saved" in form.send("save").page


def test_the_second_of_two_who_edit_sees_what_the_first_has_changed(
    bob: Browser, alice: Browser, lasting: Runtime
) -> None:
    with lasting.database.transaction() as session:
        person(session, "alice").role = Role.ADMIN
    theirs = Form(bob).send("look", time="09:00")
    Form(alice).send("look", shift="2 weeks").send("save")

    refused = theirs.send("save")

    assert "Somebody has changed this rotation while you edited it" in refused.page
    assert "<li>rotations[developers].shift 1 week -&gt; 2 weeks</li>" in refused.page
    assert refused.values("time") == ["09:00"]
    assert rotation(lasting).shift == ["2 weeks"]
    assert "is saved" in refused.send("save").page
    assert (rotation(lasting).shift, rotation(lasting).start.hour) == (["1 week"], 9)


def test_what_it_makes_worse_is_said_and_saved_only_after_that(bob: Browser, lasting: Runtime) -> None:
    form = Form(bob).send("look", hours="Mon-Fri 09:00-17:00")
    on_my_clock = r"from Mon 2 Mar \d\d:00 EST to Tue 3 Mar 03:00 EST"  # where it is 09:00 on the schedule's
    assert re.search(f"Nobody would be on dev L1 {on_my_clock}", form.page)
    assert "Nobody is on L2 from Tue 3 Mar 11:00 EST" in form.page
    assert "Save all the same" in form.page

    del form.fields[[name for name, _ in form.fields].index("confirm")]
    assert "That would make things worse" in form.send("save", status=409).page
    assert rotation(lasting).hours is None

    assert "is saved" in Form(bob).send("look", hours="Mon-Fri 09:00-17:00").send("save").page


def test_only_who_runs_the_schedule_edits_it(alice: Browser, bob: Browser, vera: Browser) -> None:
    assert f'href="{PATH}"' in bob.open("/schedules/dev")
    assert f'href="{PATH}"' not in alice.open("/schedules/dev")
    assert "Only a manager of the team or an admin" in alice.open(PATH, status=403)
    assert alice.client.post(PATH, data={}).status_code == 403
    vera.open(PATH, status=403)


def test_a_rotation_that_is_gone_is_said_to_be(bob: Browser) -> None:
    assert "has no rotation nights (any more). It has developers." in bob.open("/schedules/dev/rotations/nights", 404)


def test_nothing_is_stored_by_looking_nor_without_the_forms_secret(bob: Browser, lasting: Runtime) -> None:
    form = Form(bob).send("look", shift="2 weeks")
    form.fields = [(name, "forged" if name == "csrf" else value) for name, value in form.fields]

    form.send("save", status=403)
    assert rotation(lasting).shift == ["1 week"]
