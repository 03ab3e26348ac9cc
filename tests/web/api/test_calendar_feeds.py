"""Links to calendars: made, read without a token, revoked."""

import pytest

from oncall.rota.publishing import publish
from tests.application import database_of
from tests.client import TestClient
from tests.web.api.conftest import NOON, Caller, sentence


def test_a_calendar_link_is_read_without_a_token_until_it_is_revoked(bob: Caller, client: TestClient) -> None:
    feed = bob.post("/calendar-feeds", {"schedule": "dev", "level": "L1"}).json()
    path = feed["url"].removeprefix("http://testserver")

    assert path.startswith("/ical/")
    assert feed["webcal_url"] == feed["url"].replace("http://", "webcal://")
    assert client.get(path).status_code == 200
    assert bob.post("/calendar-feeds", {"schedule": "dev", "level": "L1"}).json() == feed
    assert bob.items("/calendar-feeds") == [feed]

    assert bob.delete(f"/calendar-feeds/{feed['id']}").status_code == 204
    assert bob.items("/calendar-feeds") == []
    assert client.get(path).status_code == 410


def test_a_team_s_calendar_has_the_shifts_of_its_schedules(bob: Caller, client: TestClient) -> None:
    publish(database_of(client), NOON, only_if_changed=True)
    feed = bob.post("/calendar-feeds", {"team": "dev"}).json()

    assert (feed["team"], feed["schedule"], feed["level"]) == ("dev", None, None)
    assert feed["google_url"] == "https://calendar.google.com/calendar/r?cid=" + feed["webcal_url"]
    assert feed["outlook_url"].startswith(
        "https://outlook.office.com/calendar/0/addfromweb?url=http%3A%2F%2Ftestserver"
    )
    content = client.get(feed["url"]).text
    assert "X-WR-CALNAME:Team dev on call" in content
    assert {line[8:14] for line in content.splitlines() if line.startswith("SUMMARY:")} == {"L1 dev", "L2 dev"}
    assert bob.items("/calendar-feeds") == [feed]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"level": "L1"}, 400),
        ({"schedule": "ops"}, 404),
        ({"schedule": "dev", "level": "L9"}, 404),
        ({"team": "ops"}, 404),
        ({"team": "dev", "schedule": "dev"}, 422),
        ({"team": "dev", "level": "L1"}, 400),
    ],
)
def test_a_calendar_of_nothing_is_refused(bob: Caller, body: dict[str, str], status: int) -> None:
    sentence(bob.post("/calendar-feeds", body), status)


def test_nobody_revokes_another_s_calendar_link(alice: Caller, bob: Caller) -> None:
    feed = bob.post("/calendar-feeds", {}).json()

    sentence(alice.delete(f"/calendar-feeds/{feed['id']}"), 404)
