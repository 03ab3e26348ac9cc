"""`oncall publish`: first who would gain and who would lose, then it is so."""

from datetime import UTC, datetime

import pytest

from oncall.clock import system_clock
from oncall.db.database import Database
from oncall.rota.horizon import publish_turns
from oncall.settings import Settings
from tests.cli.conftest import Oncall

JOINED = """
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [alice, bob, carol, victor], start: 2026-01-05T10:00, shift: 1 day}
"""


@pytest.fixture
def joined(oncall: Oncall, sqlite_settings: Settings) -> Oncall:
    """Victor joined after everything was published."""
    database = Database(sqlite_settings)
    assert publish_turns(database, system_clock()) > 0
    database.close()
    assert oncall("apply", "-", typed=JOINED).code == 0
    return oncall


def test_a_plan_changes_nothing_and_publishing_does(joined: Oncall) -> None:
    plan = joined("publish", "dev", "--plan", "--json").json()
    assert plan == joined("publish", "dev", "--plan", "--json").json()
    assert any(each.startswith("Victor Visitor has no verified contact method") for each in plan["problems"])
    said = "\n  ".join(["It would make things worse, and needs --confirm:", *plan["problems"]])
    assert joined("publish", "dev", "--plan").out.endswith(f"{said}\n")
    planned = plan["moves"]
    assert "victor" in {move["gains"] for move in planned}
    assert all(datetime.fromisoformat(move["start"]) > datetime.now(UTC) for move in planned)
    ends = {datetime.fromisoformat(move["end"]).hour for move in planned}
    assert ends == {10}, "handoffs, and not where the horizon ends"
    assert "Victor Visitor has no verified contact method" in joined("publish", "dev").err
    printed = joined("publish", "dev", "--confirm").out.splitlines()
    assert printed[0].split() == ["LEVEL", "FROM", "UNTIL", "LOSES", "GAINS"]
    assert len(printed) == len(planned) + 1
    assert joined("publish", "dev").out == "Nobody moves.\n"


def test_an_unknown_schedule_is_named(oncall: Oncall) -> None:
    assert "There is no schedule night" in oncall("publish", "night").err
