"""Publishing a schedule anew by the API: first who gains and who loses, then it is so."""

from datetime import timedelta

from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import SwapPiece, User
from oncall.rota.horizon import publish_turns
from oncall.rota.plans import find_schedule
from oncall.swaps.hand_over import hand_over
from tests.application import database_of
from tests.web.api.conftest import NOON, Caller, sentence

JOINED = """
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [alice, bob, carol, victor], start: 2026-01-05T10:00, shift: 1 day}
"""


def on_l1(caller: Caller, day: int) -> str:
    at = f"2026-01-{day:02}T12:00Z"
    return str(caller.items("/schedules/dev/shifts", **{"from": at, "until": f"2026-01-{day:02}T12:01Z"})[0]["user"])


def published_before_victor_joins(caller: Caller) -> None:
    runtime = caller.client.app.state.runtime  # type: ignore[attr-defined]
    publish_turns(runtime.database, NOON)
    with runtime.database.transaction() as session:
        apply(session, load(JOINED), NOON)


def test_a_plan_changes_nothing(alice: Caller, victor: Caller) -> None:
    published_before_victor_joins(alice)
    planned = victor.post("/schedules/dev/publishing?plan=true").json()["items"]
    # bob's turn is running, and carol's would follow in any case
    assert planned[0] == {
        "level": "L1",
        "start": "2026-01-08T10:00:00Z",
        "end": "2026-01-09T10:00:00Z",
        "loses": "alice",
        "gains": "victor",
    }
    assert on_l1(alice, 8) == "alice"


def test_a_manager_publishes_anew(alice: Caller) -> None:
    published_before_victor_joins(alice)
    planned = alice.post("/schedules/dev/publishing?plan=true").json()["items"]
    assert "Victor Visitor has no verified contact method" in sentence(alice.post("/schedules/dev/publishing"), 409)
    assert on_l1(alice, 8) == "alice"
    answer = alice.post("/schedules/dev/publishing?confirm=true")
    assert answer.status_code == 200
    assert answer.json()["items"] == planned != []
    assert on_l1(alice, 8) == "victor"
    assert alice.post("/schedules/dev/publishing?plan=true").json()["items"] == []


def test_a_swap_that_is_kept_beside_a_turn_of_one_s_own_is_told_before(alice: Caller) -> None:
    """Carol has agreed to bob's L2 of the 11th, whose L1 becomes hers."""
    published_before_victor_joins(alice)
    with database_of(alice.client).transaction() as session:
        start = NOON + timedelta(days=4, hours=22)
        ids = dict(session.exec(select(User.handle, User.id)).all())
        piece = SwapPiece(
            swap_id=0,
            schedule_id=find_schedule(session, "dev").id or 0,
            level="L2",
            giver_id=ids["bob"] or 0,
            starts_at=start,
            ends_at=start + timedelta(days=1),
        )
        hand_over(session, piece, ids["carol"] or 0, None, NOON)
    told = "Carol Cohen would be on dev L1 and dev L2 at once from Sun 11 Jan 10:00 UTC to Mon 12 Jan 10:00 UTC."

    assert told in alice.post("/schedules/dev/publishing?plan=true").json()["problems"]
    assert told in alice.post("/schedules/dev/publishing").json()["errors"]


def test_somebody_who_does_not_run_the_schedule_can_t(bob: Caller) -> None:
    assert "Only a manager of the team or an admin" in sentence(bob.post("/schedules/dev/publishing"), 403)
