"""Reports over the API."""

import pytest

from oncall.models import Page
from oncall.people.people import find_user
from oncall.reports.registry import REPORTS
from tests.application import database_of
from tests.web.api.conftest import Caller, Clock, sentence


@pytest.mark.parametrize("name", REPORTS)
def test_each_is_json_and_csv_of_the_same_fields(name: str, bob: Caller, clock: Clock) -> None:
    clock.advance(hours=12)  # bob's night
    sent = bob.send_alert()
    with database_of(bob.client).transaction() as session:
        paged = find_user(session, "bob").id
        session.add(Page(alert_id=sent["id"], user_id=paged, step=0, round=0, reason="", created_at=clock()))
    clock.advance(seconds=1)
    bob.post(f"/alerts/{sent['id']}/acknowledge")

    items = bob.items(f"/reports/{name}")
    header, *lines = bob.get(f"/reports/{name}.csv").text.splitlines()

    assert len(lines) == len(items)
    assert {",".join(item) for item in items} == {header}


def test_they_are_listed(bob: Caller) -> None:
    assert [each["name"] for each in bob.items("/reports")] == list(REPORTS)


def test_window_zone_and_team_can_be_chosen(bob: Caller, clock: Clock) -> None:
    bob.send_alert()
    clock.advance(hours=1)

    def days(**wanted: str) -> list[str]:
        return [each["first_day"] for each in bob.items("/reports/alerts-by-day", **wanted)]

    assert days() == ["2026-01-06"]
    assert days(timezone="Pacific/Kiritimati") == ["2026-01-07"]
    assert days(until="2026-01-06T00:00:00Z") == []
    assert days(team="dev") == ["2026-01-06"]


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        ({"timezone": "Mars"}, 400, "is not a time zone"),
        ({"team": "ops"}, 404, "There is no team ops. Known are: dev."),
        ({"from": "2026-01-06T00:00:00Z", "until": "2026-01-05T00:00:00Z"}, 400, "ends before it begins"),
        ({"from": "yesterday"}, 422, "is not a time"),
    ],
)
def test_what_can_t_be_used_is_said(wanted: dict[str, str], status: int, said: str, bob: Caller) -> None:
    answer = bob.get("/reports/nights", **wanted)

    assert said in sentence(answer, status) + str(answer.json().get("errors"))
