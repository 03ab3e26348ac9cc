"""All schedules as cards, and the filter for those who have many."""

import re

import pytest

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW

MORE = """
teams: [{name: web, members: [alice]}]
schedules:
  - {name: web, team: web, timezone: UTC, levels: [L1]}
  - name: Web support
    timezone: UTC
    levels: [L1]
    rotations: [{name: r, members: [bob], start: 2026-03-01T00:00, shift: 1 week}]
"""


def listed(page: str) -> list[str]:
    return re.findall(r'class="name" href="/schedules/[^"]+">([^<]+)<', page)


def test_all_schedules_are_listed_and_one_alone_needs_no_filter(alice: Browser) -> None:
    page = alice.open("/schedules")

    assert listed(page) == ["dev"]
    assert 'role="search"' not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Web support", "dev", "web"]),
        ("q=WEB", ["Web support", "web"]),
        ("team=web", ["web"]),
        ("mine=1", ["dev"]),
        ("q=web&mine=1", []),
        ("team=gone", []),
    ],
)
def test_many_are_found_by_name_by_team_and_by_taking_turns(
    alice: Browser, runtime: Runtime, query: str, names: list[str]
) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(MORE), NOW)

    page = alice.open(f"/schedules?{query}")

    assert listed(page) == names
    assert ("No schedule fits this filter." in page) is (names == [])


def test_the_live_part_keeps_the_filter(alice: Browser) -> None:
    assert 'hx-get="/schedules?q=a+b&amp;mine=1"' in alice.open("/schedules?q=a+b&mine=1")
