"""What the editors of the config have in common."""

from functools import partial

import pytest

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, queries
from tests.web.pages.conftest import NOW

PAGES = [
    "/policy-editor?name=dev",
    "/service-editor?name=web",
    "/team-editor?name=dev",
    "/heartbeat-editor?name=beat-0",
    "/heartbeats",
    "/suppressed",
]
ADDRESSES = ("/policy-editor", "/service-editor", "/team-editor", "/heartbeat-editor")


def grow(runtime: Runtime, size: int) -> None:
    """Everything that an editor shows, so many times."""
    numbers = range(size)
    people = [{"handle": f"new-{number}", "name": f"New {number}"} for number in numbers]
    rooms = [{"name": f"room-{number}", "kind": "irc", "address": f"#room-{number}"} for number in numbers]
    keys = [{"name": f"key-{number}", "tool": "generic", "service": "web"} for number in numbers]
    handles = [person["handle"] for person in people]
    given = {
        "users": people,
        "teams": [{"name": "dev", "members": handles, "contact_methods": rooms, "integration_keys": keys}],
        "services": [
            {"name": f"service-{number}", "escalation_policy": "dev", "depends_on": ["web"]} for number in numbers
        ],
        "heartbeats": [{"name": f"beat-{number}", "service": "web", "every": "1h"} for number in numbers],
        "escalation_policies": [
            {"name": "dev", "steps": [{"page": [f"user:{handle}"], "wait": "5m"} for handle in handles]}
        ],
    }
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate(given), NOW, confirm=True)


def asked(runtime: Runtime, bob: Browser) -> dict[str, int]:
    return {path: queries(runtime, partial(bob.open, path)) for path in PAGES}


def test_as_many_questions_are_asked_whatever_there_is(bob: Browser, runtime: Runtime) -> None:
    grow(runtime, 1)
    few = asked(runtime, bob)
    grow(runtime, 30)

    assert asked(runtime, bob) == few


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_not_there_is_said_and_only_our_own_form_saves(bob: Browser, address: str) -> None:
    assert "There is no" in bob.open(f"{address}?name=nothing", status=404)
    assert bob.post(address, name="new", base="").status_code == 403
