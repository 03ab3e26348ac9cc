"""Teams: who is in one, who manages it, and what it answers for."""

import pytest

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, fire
from tests.web.pages.conftest import NOW

SHOP = """
teams: [{name: shop, members: [alice, vera], managers: [bob]}]
services: [{name: web, team: shop}]
schedules: [{name: dev, team: shop}]"""


@pytest.fixture(autouse=True)
def shop(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(SHOP), NOW, confirm=True)


def test_a_team_shows_its_people_and_what_it_answers_for(alice: Browser, runtime: Runtime) -> None:
    fire(runtime)

    page = alice.open("/teams/shop")

    for there in ("Alice Archer", "Vera Viewer", "Bob Baker", "Members, 2", "1 open", 'href="/schedules/dev"'):
        assert there in page
    assert "New service" not in page


def test_all_teams_are_listed_and_mine_marked(alice: Browser, bob: Browser) -> None:
    assert "2 members, 1 service<" in alice.open("/teams")
    assert "yours" in alice.open("/teams")
    assert "New service" in bob.open("/teams/shop")
    bob.open("/teams/nothing", status=404)
