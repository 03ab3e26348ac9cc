"""Search queries, as dashboards and scripts write them, on both databases."""

import pytest

from oncall.models import Page
from oncall.settings import Settings
from tests.application import database_of
from tests.client import TestClient
from tests.web.opsgenie.conftest import KEY, Clock, Sender

QUERIES = {
    "": "abc",
    "status: open": "ab",
    "status=closed": "c",
    "NOT status: open": "c",
    "status: open AND acknowledged: true": "b",
    "status : open acknowledged : false": "a",
    "acknowledged:true OR status:closed": "bc",
    "(acknowledged:true OR status:closed) AND priority: P4": "c",
    "priority: (P1 OR P4)": "ac",
    "priority != P1": "bc",
    "tag: disk": "ab",
    "tag: (disk AND db)": "a",
    "tag: later": "c",
    'message: "full on"': "ab",
    "message: full*": "ab",
    "alias: b": "b",
    "description: percent": "a",
    "entity: db1": "a",
    "details.key: mount": "a",
    "owner: bob@example.com": "b",
    "owner: BOB": "b",
    "acknowledgedBy: bob@example.com": "b",
    "closedBy: alice": "c",
    "recipients: alice": "a",
    "NOT recipients: alice": "bc",
    "actions: restart": "a",
    "tinyId: 2": "b",
    "count > 1": "c",
    "count: 1 AND NOT snoozed: true": "ab",
    "createdAt > 1767700860000": "bc",
    'createdAt < "2026-01-06T12:01:00Z"': "a",
    "createdAt>06-01-2026": "abc",
    "createdAt < 06-01-2026": "",
    'createdAt < "06-01-2026T12:01:00"': "a",
    "full": "ab",
    "100%": "",
    "responders: ops": "a",
    "isSeen: true": "b",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> Settings:
    wanted = "sqlite_settings" if request.param == "sqlite" else "postgres_settings"
    chosen: Settings = request.getfixturevalue(wanted)
    return chosen


def test_queries_find_what_they_say(client: TestClient, clock: Clock) -> None:
    sender = Sender(client, KEY)
    sender.create(
        "Disk full on db1",
        alias="a",
        priority="P1",
        tags=["disk", "db"],
        description="97 percent",
        entity="db1",
        details={"mount": "/var"},
        actions=["restart"],
        responders=[{"type": "team", "name": "ops"}],
    )
    clock.advance(minutes=1, seconds=30)
    sender.create("Disk full on db2", alias="b", tags=["disk"])
    sender.do("POST", "b/acknowledge", {"user": "bob@example.com"}, identifierType="alias")
    clock.advance(minutes=1)
    number = sender.create("Slow", alias="c", priority="P4")
    sender.create("Slow", alias="c", priority="P4")
    sender.do("POST", f"{number}/tags", {"tags": ["later"]})
    sender.do("POST", f"{number}/close", {"user": "alice"})
    with database_of(client).transaction() as session:
        session.add(Page(alert_id=1, user_id=1, step=0, round=0, reason="", created_at=clock()))

    found = {}
    for query in QUERIES:
        data = sender.get("/alerts", query=query, sort="alias", order="asc")["data"]
        found[query] = "".join(each["alias"] for each in data)
        assert sender.get("/alerts/count", query=query)["data"]["count"] == len(data)
    assert found == QUERIES
