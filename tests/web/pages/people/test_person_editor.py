"""Who somebody is, edited in a form: all of it by admins, their name, clock and holidays by themselves."""

from typing import Any

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import UserForm
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, Forms
from tests.web.pages.conftest import NOW

EDITOR = "/person-editor?handle=alice"
SAVE = "/person-editor"


def user(runtime: Runtime, handle: str = "alice") -> UserForm:
    with runtime.database.read() as session:
        return next(form for form in export(session).users if form.handle == handle)


def save(browser: Browser, page: str = EDITOR, **typed: Any) -> Any:
    return browser.client.post(SAVE, data={**browser.forms(page)[SAVE], **typed}, follow_redirects=True)


def told_at(page: str, field: str) -> bool:
    return f'id="wrong-{field}"' in page


def test_an_admin_edits_all_of_somebody_and_keeps_the_rest(bob: Browser, runtime: Runtime) -> None:
    before = user(runtime)
    typed = {"name": "Alice Baker", "email": "ab@example.com", "timezone": "Asia/Tokyo", "country": "JP"}

    page = save(bob, **typed, tags="developer, lead", experienced="dev").text

    assert EDITOR in bob.open("/people/alice")
    assert "Alice Baker" in page
    after = user(runtime)
    assert {name: getattr(after, name) for name in typed} == typed
    assert (after.tags, after.experienced) == (["developer", "lead"], ["dev"])
    assert (after.role, after.contact_methods) == (before.role, before.contact_methods)
    save(bob, email="", country="", tags="")
    assert (user(runtime).email, user(runtime).country, user(runtime).tags) == (None, None, [])


def test_others_edit_only_themselves_and_nothing_that_decides_who_is_on_call(alice: Browser, runtime: Runtime) -> None:
    assert EDITOR in alice.open("/me")
    assert 'name="tags"' not in alice.open(EDITOR)

    save(alice, timezone="Asia/Tokyo", tags="developer", email="bob@example.com", role="admin")

    mine = user(runtime)
    assert (mine.timezone, mine.tags, mine.email, mine.role) == ("Asia/Tokyo", [], None, "user")
    alice.open("/person-editor?handle=bob", status=403)
    assert save(alice, handle="bob", name="Bob").status_code == 403


def test_what_is_wrong_is_said_beside_its_field_and_kept(bob: Browser, runtime: Runtime) -> None:
    wrong = {"name": "", "email": "nobody", "timezone": "Mars", "country": "Atlantis", "tags": "a, a"}

    refused = save(bob, **wrong)

    assert refused.status_code == 400
    assert [name for name in wrong if not told_at(refused.text, name)] == []
    assert all(f'value="{text}"' in refused.text for text in wrong.values())
    assert user(runtime).name == "Alice Archer"


def test_what_somebody_else_changed_is_shown_first(bob: Browser, runtime: Runtime) -> None:
    opened = bob.forms(EDITOR)[SAVE]
    with runtime.database.transaction() as session:
        apply(session, load("users: [{handle: alice, tags: [lead]}]", export(session)), NOW)

    late = bob.client.post(SAVE, data={**opened, "name": "Alice Baker"})

    assert late.status_code == 409
    assert "Somebody else has saved this" in late.text
    assert EDITOR in late.text
    assert "12025550101" not in str(opened)
    again = bob.client.post(SAVE, data=Forms(late.text).found[SAVE], follow_redirects=True)
    assert again.status_code == 200
    assert user(runtime).name == "Alice Baker"


@pytest.mark.parametrize("handle", ["nobody", ""])
def test_there_must_be_such_a_person(bob: Browser, runtime: Runtime, handle: str) -> None:
    bob.open(f"{SAVE}?handle={handle}", status=404)
    assert save(bob, handle=handle, base="").status_code == 404
