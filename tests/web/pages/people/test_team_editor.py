"""Teams made and edited in a form: by admins, and by those who manage them."""

from typing import Any

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import TeamForm
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, Forms
from tests.web.pages.conftest import NOW

EDITOR = "/team-editor?name=shop"
WEBHOOK = "https://hooks.example.com/a-secret-path"
SHOP = f"""
teams:
  - name: shop
    members: [bob]
    managers: [alice]
    contact_methods: [{{name: feed, kind: webhook, address: "{WEBHOOK}"}}]
"""


@pytest.fixture
def more() -> str:
    return SHOP


def change(runtime: Runtime, text: str) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(text, export(session)), NOW, confirm=True)


def team(runtime: Runtime, name: str = "shop") -> TeamForm:
    with runtime.database.read() as session:
        return next(form for form in export(session).teams if form.name == name)


def opened(browser: Browser, path: str = EDITOR) -> dict[str, Any]:
    form = Forms(browser.open(path)).found["/team-editor"]
    return {name: form[name] for name in ("csrf", "base")} | {"name": form["name"]}


def send(browser: Browser, typed: dict[str, Any], status: int = 200) -> str:
    answer = browser.client.post("/team-editor", data=typed, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return answer.text


def stored(name: str, address: str = "", kind: str = "webhook") -> dict[str, Any]:
    """The columns of an address that the team has, and of the empty one below it."""
    columns = {"name": [name, ""], "kind": [kind, "sms"], "address": [address, ""], "is": ["stored", "new"]}
    return {f"at.{column}": values for column, values in columns.items()}


FEED = stored("feed")


def test_an_admin_makes_a_team_and_is_led_to_its_page(bob: Browser, runtime: Runtime) -> None:
    form = opened(bob, "/team-editor") | {"name": "night", "members": ["vera"], "managers": ["bob"], "person": "alice"}
    address = {"at.name": "warroom", "at.kind": "irc", "at.address": "#warroom", "at.is": "new"}

    page = send(bob, form | address)

    assert "The team is there" in page
    assert "/service-editor?team=night" in page
    made = team(runtime, "night")
    assert (made.members, made.managers) == (["alice", "vera"], ["bob"])
    assert [(each.kind, each.address) for each in made.contact_methods] == [("irc", "#warroom")]
    assert "has been made already" in send(bob, form, status=409)


def test_a_manager_edits_their_team_and_nobody_elses(alice: Browser, vera: Browser, runtime: Runtime) -> None:
    page = send(alice, opened(alice) | FEED | {"members": ["bob", "vera"], "managers": ["alice", "vera"]})

    assert "members added: vera; managers added: vera" in page
    assert team(runtime).members == ["bob", "vera"]
    alice.open("/team-editor", status=403)
    vera.open(EDITOR, status=403)  # who only looks, whatever she manages
    assert "/team-editor" not in vera.open("/teams/shop") + alice.open("/teams")
    change(runtime, "teams: [{name: night, members: [vera]}]")
    send(alice, opened(alice) | {"name": "night"}, status=403)
    assert team(runtime, "night").members == ["vera"]


def test_no_form_shows_the_addresses_of_a_team_that_is_not_theirs(
    alice: Browser, vera: Browser, runtime: Runtime
) -> None:
    phone = stored("phone", kind="sms")
    change(runtime, 'teams: [{name: night, contact_methods: [{name: phone, kind: sms, address: "+12025550150"}]}]')
    mine, hers = opened(alice), {"csrf": vera.forms("/me")["/logout"]["csrf"]}

    send(vera, hers | phone | {"name": "night", "do": "add"}, status=403)
    send(alice, mine | phone | {"name": "night", "do": "add", "base": ""}, status=403)
    assert "+12025550150" not in send(alice, mine | phone | {"name": "night", "base": ""}, status=409)


def test_somebody_is_added_to_the_form_with_nothing_saved(alice: Browser, runtime: Runtime) -> None:
    page = send(alice, opened(alice) | FEED | {"members": "bob", "person": "vera", "do": "add"})

    assert 'name="members" value="vera" checked' in page
    assert 'name="managers" value="alice" >' in page  # no longer, but not lost from sight
    assert team(runtime).members == ["bob"]


def test_an_address_is_kept_unseen_replaced_or_taken_out(alice: Browser, runtime: Runtime) -> None:
    form = opened(alice) | {"members": "bob", "managers": "alice"}
    assert "a-secret-path" not in alice.open(EDITOR) + form["base"]

    send(alice, form | FEED)
    assert team(runtime).contact_methods[0].address == WEBHOOK
    refused = send(alice, form | stored("feed", "no address"), status=400)
    assert 'id="wrong-contact_methods.0.address"' in refused
    assert 'value="no address"' in refused
    send(alice, form | stored("feed", "https://hooks.example.com/b"))
    assert team(runtime).contact_methods[0].address == "https://hooks.example.com/b"
    assert "an address is another one now" in send(alice, form | FEED, status=409)
    send(alice, opened(alice) | FEED | {"members": "bob", "managers": "alice", "gone": "feed"})
    assert team(runtime).contact_methods == []


def test_an_address_that_a_policy_posts_to_stays(alice: Browser, runtime: Runtime) -> None:
    change(runtime, 'escalation_policies: [{name: dev, steps: [{page: ["user:bob", "team:shop/feed"], wait: 5m}]}]')

    page = send(alice, opened(alice) | FEED | {"members": "bob", "gone": "feed"}, status=400)

    assert "escalation policy dev: " in page
    assert team(runtime).contact_methods


def test_the_second_of_two_who_edit_sees_who_has_come_and_gone(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    first, second = opened(alice) | FEED, opened(bob) | FEED
    send(alice, first | {"members": ["alice", "vera"], "managers": "alice"})

    page = send(bob, second | {"members": ["bob"], "managers": ["alice", "bob"]}, status=409)

    assert "members added: alice, vera" in page
    assert "members removed: bob" in page
    assert 'name="managers" value="bob" checked' in page
    again = Forms(page).found["/team-editor"]["base"]
    send(bob, second | {"base": again, "members": ["bob"], "managers": ["alice", "bob"]})
    assert team(runtime).managers == ["alice", "bob"]


def test_what_would_leave_nobody_on_call_is_asked_about_first(alice: Browser, runtime: Runtime) -> None:
    rotation = '{name: days, members: {team: shop}, start: "2026-03-01T00:00", shift: 1 day}'
    change(runtime, f"schedules: [{{name: shop, timezone: UTC, levels: [L1], rotations: [{rotation}]}}]")
    form = opened(alice) | FEED | {"managers": "alice"}

    page = send(alice, form, status=409)
    assert "That would make things worse" in page
    assert "on shop L1 from Mon 2 Mar 10:00 EST on" in page  # on the clock of whoever reads it
    assert team(runtime).members == ["bob"]
    send(alice, form | {"confirm": "yes"})
    assert team(runtime).members == []


def test_a_spoilt_form_is_no_fault_of_ours(alice: Browser) -> None:
    form = opened(alice) | FEED | {"members": "bob", "managers": "alice"}

    send(alice, form | {"base": '{"was": 7}'}, status=409)
    assert "nobody" in send(alice, form | {"members": "nobody"}, status=400)
    send(alice, form | stored("other", kind="pigeon") | {"at.is": ["stored"]}, status=400)
    send(alice, form | {"at.is": []})
