"""A company that swaps.

Turns of dev last a day and begin at 10:00 UTC. On the 6th bob is L1 and carol L2, on the 7th carol and alice, on the
8th alice and bob. Dave and erin are in the team; dave is on ops on the 6th, erin on the 7th.
"""

from typing import Any

import pytest

from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, SET_UP_AT, Caller, caller_of

MORE = """
users:
  - {handle: alice, contact_methods: [{name: mobile, kind: sms, address: "+12025550101", verified: true}]}
  - handle: dave
    name: Dave Dunn
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
  - handle: erin
    name: Erin Egan
    contact_methods: [{name: mobile, kind: sms, address: "+12025550105", verified: true}]
  - {handle: frank, name: Frank Ford}
teams:
  - {name: dev, members: [bob, carol, dave, erin, frank]}
schedules:
  - name: ops
    timezone: UTC
    levels: [L1]
    rotations:
      - {name: operators, members: [dave, erin], start: 2026-01-06T10:00, shift: 1 day}
"""

BOBS = {"schedule": "dev", "level": "L1", "start": "2026-01-06T10:00:00Z", "end": "2026-01-07T10:00:00Z"}
EVENING = BOBS | {"start": "2026-01-06T18:00:00Z", "end": "2026-01-06T22:00:00Z"}
BOBS_NEXT = {"schedule": "dev", "level": "L2", "start": "2026-01-08T10:00:00Z", "end": "2026-01-09T10:00:00Z"}
CAROLS = {"schedule": "dev", "level": "L1", "start": "2026-01-07T10:00:00Z", "end": "2026-01-08T10:00:00Z"}
PLANNED = [
    "L1 bob 06T10 07T10",
    "L2 carol 06T10 07T10",
    "L1 carol 07T10 08T10",
    "L2 alice 07T10 08T10",
    "L1 alice 08T10 09T10",
    "L2 bob 08T10 09T10",
]


@pytest.fixture
def contents() -> Contents:
    return Contents(SET_UP_AT, (COMPANY, MORE))


@pytest.fixture
def erin(alice: Caller) -> Caller:
    return caller_of(alice.client, "erin")


def shifts(caller: Caller) -> list[str]:
    window = {"from": "2026-01-06T10:00:00Z", "until": "2026-01-09T10:00:00Z"}
    found = caller.items("/schedules/dev/shifts", **window)
    return [f"{s['level']} {s['user']} {s['start'][8:13]} {s['end'][8:13]}" for s in found]


def ask(caller: Caller, *pieces: dict[str, str], kind: str = "give", **fields: Any) -> dict[str, Any]:
    answer = caller.post("/swaps", {"kind": kind, "pieces": list(pieces)} | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refused(caller: Caller, *pieces: dict[str, str], kind: str = "give", **fields: Any) -> tuple[str, str | None]:
    """The sentence, and the field that it names."""
    answer = caller.post("/swaps", {"kind": kind, "pieces": list(pieces)} | fields)
    assert answer.status_code in (400, 403, 409), answer.text
    assert caller.items("/swaps") == []
    return answer.json()["detail"], answer.json().get("field")


def answered(caller: Caller, swap: dict[str, Any], how: str, **fields: Any) -> dict[str, Any]:
    answer = caller.post(f"/swaps/{swap['id']}/{how}", fields or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def story(swap: dict[str, Any]) -> list[str]:
    return [f"{event['by'] or 'engine'}: {event['text']}" for event in swap["events"]]


def notices_of(caller: Caller) -> list[str]:
    """What they have been told, oldest first."""
    return [notice["text"] for notice in caller.items("/users/me/notices")][::-1]
