"""Who may do what: every operation as people of another team, as a viewer and as somebody who has retired.

Dana manages ops and Erin is in it; Gina manages dev, whose everything here is. So does Vivi, who may only look.
"""

import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from tests.client import TestClient
from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, SET_UP_AT, Caller, caller_of, sentence
from web.api import ROUTERS

PHONES = ("+12025550102", "+12025550103", "+12025550106", "+12025550150")
SECRETS = (*PHONES, "a-channel-of-dev", "key-of-dev", "the-key-of-scripts", "the-key-of-backup", "hay fever")
PEOPLE = """
users:
  - {handle: dana, name: Dana Diaz}
  - {handle: erin, name: Erin Evans}
  - {handle: gina, name: Gina Green}
  - {handle: vivi, name: Vivi Visitor, role: viewer}
  - handle: frank
    name: Frank Fox
    contact_methods: [{name: mobile, kind: sms, address: "+12025550106", verified: true}]
teams:
  - name: dev
    members: [bob, carol, frank]
    managers: [alice, gina, vivi]
    contact_methods:
      - {name: hook, kind: webhook, address: "https://chat.example.com/a-channel-of-dev"}
      - {name: phone, kind: sms, address: "+12025550150"}
    integration_keys:
      - name: routed
        tool: generic
        service: web
        key: the-key-of-dev
        rules: [{name: tests, when: [{field: summary, equals: test}], suppress: true}]
  - {name: ops, members: [erin], managers: [dana]}
maintenance:
  - {name: move, service: web, start: 2026-01-07T10:00, end: 2026-01-08T10:00, timezone: UTC}
"""
DAY = {"start": "2026-01-20T10:00Z", "end": "2026-01-21T10:00Z"}
BOBS = {"schedule": "dev", "level": "L1", "start": "2026-01-09T10:00Z", "end": "2026-01-10T10:00Z"}
SHIFT = {"level": "L1", "user": "bob", **DAY}
OPERATIONS = [
    f"{method} {route.path}"
    for route in iter_route_contexts(ROUTERS[0].routes)
    for method in sorted(route.methods or ())
]
Operations = dict[str, Any]
"""What is sent, by method and path."""

FOR_ADMINS: Operations = {
    "GET /audit": None,
    "GET /config": None,
    "POST /config/apply": None,
    "POST /config/plan": None,
    "GET /providers": None,
    "POST /users": {"handle": "hugo", "name": "Hugo"},
    "DELETE /users/{handle}": None,
    "GET /teams/{team}/integration-keys": None,
    "PUT /teams/{team}/integration-keys/{name}": {"rules": []},
    "DELETE /teams/{name}": None,
    "DELETE /teams/{team}/integration-keys/{name}": None,
    "POST /teams/{team}/integration-keys/{name}/routing/preview": {"events": []},
}
FOR_ITS_TEAM: Operations = {
    "POST /overrides": {"schedule": "dev", **SHIFT},
    "DELETE /overrides/{override_id}": None,
    "POST /schedules/{name}/publishing": None,
    "POST /schedules/{name}/temporary": {**DAY, "shifts": [SHIFT]},
    "DELETE /schedules/{name}/temporary/{temporary_id}": None,
    "POST /shadow-shifts": {"schedule": "dev", **SHIFT, "level": "L2"},
    "DELETE /shadow-shifts/{shadow_id}": None,
    "POST /swaps": {"kind": "give", "for": "bob", "to": ["frank"], "pieces": [BOBS]},
    "POST /swaps/{swap_id}/accept": {"for": "frank"},
    "POST /swaps/{swap_id}/decline": {"for": "frank"},
    "POST /swaps/{swap_id}/withdraw": {"for": "bob"},
    "POST /absences": {"user": "bob", **DAY},
    "DELETE /absences/{absence_id}": None,
    "POST /services/{name}/integration-keys": {"name": "more", "tool": "generic"},
    "POST /services/{name}/integration-keys/preview": {"tool": "generic", "body": {}},
    "PATCH /services/{name}/integration-keys/{key_name}": {"options": {}},
    "GET /services/{name}/integration-keys/{key_name}/requests": None,
    "POST /services/{name}/integration-keys/{key_name}/test": None,
    "DELETE /services/{name}/integration-keys/{key_name}": None,
    "POST /maintenance": {"service": "web", **DAY},
    "POST /maintenance/{name}/end": None,
    "POST /maintenance/{name}/extend": {"end": "2026-01-08T11:00Z"},
    "DELETE /maintenance/{name}": None,
    "DELETE /schedules/{name}": None,
    "DELETE /escalation-policies/{name}": None,
    "DELETE /services/{name}": None,
}
OF_THEIR_OWN: Operations = {
    "PATCH /users/me": {},
    "POST /users/me/contact-methods": {"name": "desk", "kind": "sms", "address": "+12025550199"},
    "DELETE /users/me/contact-methods/{method_id}": None,
    "GET /users/me/contact-methods/{method_id}/test": None,
    "POST /users/me/contact-methods/{method_id}/test": None,
    "POST /users/me/contact-methods/{method_id}/send-code": None,
    "POST /users/me/contact-methods/{method_id}/verify": {"code": "123456"},
    "PUT /users/me/notification-rules": {"items": []},
    "POST /tokens": {"name": "scripts"},
    "DELETE /tokens/{token_id}": None,
    "POST /calendar-feeds": {},
    "DELETE /calendar-feeds/{feed_id}": None,
    "POST /absence-calendars": {"url": "https://127.0.0.1/mine.ics"},
    "DELETE /absence-calendars/{calendar_id}": None,
}
FOR_ALL_BUT_VIEWERS: Operations = {
    "POST /alerts": {"service": "web", "summary": "Disk full"},
    "POST /alerts/{alert_id}/acknowledge": None,
    "POST /alerts/{alert_id}/resolve": None,
    "POST /alerts/{alert_id}/escalate": None,
    "POST /alerts/{alert_id}/reassign": {"to": "user:carol"},
    "POST /alerts/{alert_id}/snooze": {"seconds": 60},
    "POST /alerts/{alert_id}/notes": {"text": "Looking"},
    "POST /changes": {"service": "web", "summary": "Deploy"},
    "POST /out-of-reach": {"schedule": "dev", "minutes": 30},
}
TRIED_OUT = {"POST /schedules/preview"}
"""By everybody: nothing is stored."""
LISTED = FOR_ADMINS | FOR_ITS_TEAM | OF_THEIR_OWN | FOR_ALL_BUT_VIEWERS
NAMES = {
    "services": "web",
    "heartbeats": "nightly-backup",
    "maintenance": "move",
    "handle": "bob",
    "team": "dev",
    "key_name": "scripts",
}
"""Of what there is, by parameter, and by what stands before `{name}`."""


@pytest.fixture
def contents() -> Contents:
    return Contents(SET_UP_AT, (COMPANY, PEOPLE))


@pytest.fixture
def client(client: TestClient) -> TestClient:
    """With one of everything that has a number: bob's, but for the absence, which is carol's."""
    alice, bob, carol = (caller_of(client, handle) for handle in ("alice", "bob", "carol"))
    bob.send_alert()
    for made in (
        carol.post("/absences", {**DAY, "reason": "hay fever"}),
        bob.post("/overrides", {"user": "bob", **BOBS}),
        bob.post("/shadow-shifts", {"schedule": "dev", **SHIFT}),
        bob.post("/swaps", {"kind": "give", "pieces": [BOBS]}),
        bob.post("/calendar-feeds", {}),
        alice.post("/schedules/dev/temporary", {**DAY, "shifts": [SHIFT], "confirm": True}),
    ):
        assert made.status_code == 201, made.text
    return client


def send(caller: Caller, operation: str) -> Any:
    method, _, path = operation.partition(" ")
    what, body = path.split("/")[1], LISTED.get(operation)
    names = {"name": NAMES.get(what, "dev")} | NAMES | ({"name": "routed"} if "{team}" in path else {})
    filled = re.sub(r"{(\w+)}", lambda found: names.get(found[1], "1"), path)
    return caller._send(method, filled, **({} if body is None else {"json": body}))


def test_of_every_operation_it_is_said_who_may() -> None:
    assert {each for each in OPERATIONS if not each.startswith("GET ")} <= LISTED.keys() | TRIED_OUT
    assert LISTED.keys() <= set(OPERATIONS)


def test_what_is_a_teams_is_for_those_who_manage_that_team(client: TestClient) -> None:
    for caller in (caller_of(client, handle) for handle in ("dana", "erin", "vivi")):
        for operation in FOR_ITS_TEAM | FOR_ADMINS:
            assert re.search(r"[Oo]nly |[Aa]sk |for admins", sentence(send(caller, operation), 403)), operation


def test_who_manages_it_is_let_in(client: TestClient) -> None:
    gina = caller_of(client, "gina")
    for operation in FOR_ITS_TEAM:
        answer = send(gina, operation)
        is_let_in = answer.status_code in (200, 201, 204, 409)  # 409: it is done, or to be confirmed
        assert is_let_in, f"{operation}: {answer.text}"


def test_a_viewer_changes_nothing_and_nobody_changes_what_is_anothers_own(client: TestClient) -> None:
    dana, vivi = caller_of(client, "dana"), caller_of(client, "vivi")
    for operation in FOR_ALL_BUT_VIEWERS | OF_THEIR_OWN:
        if not operation.startswith("GET "):
            assert "does not allow you to" in sentence(send(vivi, operation), 403), operation
    for operation in OF_THEIR_OWN:
        if "{" in operation:
            assert "You have no such" in sentence(send(dana, operation), 404), operation


def test_whoever_looks_sees_no_secrets_of_others(client: TestClient) -> None:
    for caller in (caller_of(client, handle) for handle in ("dana", "vivi")):
        for operation in OPERATIONS:
            if operation.startswith("GET ") and operation not in LISTED:
                answer = send(caller, operation)
                assert answer.status_code == 200, operation
                assert [each for each in SECRETS if each in answer.text] == [], operation


def test_who_has_retired_meanwhile_is_nobody(client: TestClient, alice: Caller) -> None:
    frank = caller_of(client, "frank")
    assert frank.get("/alerts").status_code == 200
    assert alice.delete("/users/frank").status_code == 204
    for operation in OPERATIONS:
        if operation not in TRIED_OUT:
            assert "it was revoked" in sentence(send(frank, operation), 401), operation
