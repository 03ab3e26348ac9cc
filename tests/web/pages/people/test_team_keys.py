"""A team's key, whose rules choose where events go: made, shown and revoked by admins."""

import pytest

from oncall.errors import NotFound
from oncall.running.runtime import Runtime
from oncall.setup.team_keys import find_team_key
from tests.client import TestClient
from tests.web.pages.browser import Browser, Forms

MADE = {"team": "dev", "tool": "generic", "service": "web"}


@pytest.fixture
def more() -> str:
    return "teams: [{name: dev, managers: [alice]}]"


def key(runtime: Runtime) -> str:
    with runtime.database.read() as session:
        return find_team_key(session, "dev", "scripts").key.key


def test_one_is_made_shown_when_asked_for_and_revoked(bob: Browser, runtime: Runtime) -> None:
    page = bob.submit("/suppressed", "/suppressed/keys", name="scripts", **MADE)

    assert "all that comes by it goes to web until a rule says otherwise" in page
    assert f"/ingest/generic/{key(runtime)}" in page
    assert key(runtime) not in bob.open("/teams/dev/keys/scripts")
    assert "/teams/dev/keys/scripts" in bob.open("/suppressed")
    bob.submit("/teams/dev/keys/scripts", "/teams/dev/keys/scripts/revoke")
    with pytest.raises(NotFound):
        key(runtime)


def test_one_that_something_sends_to_is_revoked_once_that_is_confirmed(
    bob: Browser, runtime: Runtime, stranger: TestClient
) -> None:
    bob.submit("/suppressed", "/suppressed/keys", name="scripts", **MADE)
    stranger.post(f"/ingest/generic/{key(runtime)}", json={"summary": "Disk full"})
    path = "/teams/dev/keys/scripts/revoke"

    asked = bob.post(path, **bob.forms("/teams/dev/keys/scripts")[path])

    assert asked.status_code == 409
    assert "what still sends to it would be refused" in asked.text
    bob.post(path, **Forms(asked.text).found[path])
    with pytest.raises(NotFound):
        key(runtime)


def test_the_key_of_another_vendor_is_kept(bob: Browser, runtime: Runtime) -> None:
    bob.submit("/suppressed", "/suppressed/keys", name="scripts", **MADE, key="eb243592-faa2")
    assert key(runtime) == "eb243592-faa2"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "a/b"}, "name"),
        ({"name": "scripts"}, "already"),
        ({"tool": "pigeon"}, "not a known tool"),
        ({"service": "nothing"}, "nothing"),
        ({"key": "no key"}, "a key is part of a URL"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(bob: Browser, given: dict[str, str], said: str) -> None:
    bob.submit("/suppressed", "/suppressed/keys", name="scripts", **MADE)

    page = bob.submit("/suppressed", "/suppressed/keys", **({"name": "other", **MADE} | given))

    assert 'class="wrong"' in page
    assert said in page.partition('class="wrong"')[2].partition("</p>")[0]


def test_it_is_for_admins(alice: Browser) -> None:
    assert "/suppressed/keys" not in alice.open("/suppressed")
    csrf = alice.forms("/me")["/me/calendar"]["csrf"]
    assert "Ask an admin" in alice.post("/suppressed/keys", name="scripts", csrf=csrf, **MADE).text
