"""In maintenance nobody is paged; what is still open when it ends is paged then."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select

from oncall.cli.overrides import OPERATOR
from oncall.maintenance import windows
from oncall.maintenance.windows import NewWindow, WindowRow
from oncall.models import MaintenanceWindow, Service, Team
from tests.scenarios.world import ALICE, World


def plan(
    world: World,
    *,
    name: str = "upgrade",
    starts_in: float = 0,
    minutes: float = 60,
    of_team: bool = False,
    repeats: str | None = None,
    critical: bool = False,
) -> None:
    """A window on the service web, or on all of its team's, for "db upgrade"."""
    start = world.clock.now + timedelta(minutes=starts_in)
    with world.database.transaction() as session:
        of = session.exec(select(Team)).one() if of_team else session.exec(select(Service)).one()
        wanted = NewWindow(
            of, start, start + timedelta(minutes=minutes), "America/New_York", "db upgrade", repeats, critical, name
        )
        windows.plan_window(session, OPERATOR, wanted, world.clock.now)
    world.settle()


def end(world: World) -> None:
    with world.database.transaction() as session:
        windows.end_window(session, OPERATOR, "upgrade", world.clock.now)
    world.settle()


def extend(world: World, minutes: float) -> None:
    with world.database.transaction() as session:
        windows.extend_window(
            session, OPERATOR, "upgrade", world.clock.now + timedelta(minutes=minutes), world.clock.now
        )
    world.settle()


def listed(world: World) -> WindowRow:
    rows: list[WindowRow] = world.ask(lambda session: windows.list_windows(session, world.clock.now))
    return rows[0]


def test_what_triggers_meanwhile_is_not_paged_and_says_why(world: World) -> None:
    plan(world)
    world.fire()
    world.advance(minutes=30)

    assert world.texts() == []
    assert world.story() == [
        "+0 Triggered by events (pagerduty): Disk full on db1",
        "+0 Not paged: maintenance until 10:00 EST (db upgrade)",
    ]
    assert (listed(world).held, listed(world).still_open) == (1, 1)
    world.clear()
    assert (listed(world).held, listed(world).still_open) == (1, 0)
    world.advance(minutes=60)


def test_what_is_still_open_when_it_ends_is_paged_then(world: World) -> None:
    plan(world)
    world.advance(minutes=20)
    world.fire()
    world.advance(minutes=39)
    assert world.texts() == []

    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    assert "it was not paged for maintenance, and is still open" in world.story()[2]
    world.reply(ALICE, "ack")


def test_what_triggered_before_goes_on_paging(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    plan(world)
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack")


def test_ended_early_it_pages_at_once(world: World) -> None:
    plan(world)
    world.fire()
    world.advance(minutes=5)
    end(world)

    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_extended_it_holds_longer_and_says_so(world: World) -> None:
    plan(world)
    world.fire()
    world.advance(minutes=30)
    extend(world, minutes=60)
    world.advance(minutes=59)
    assert world.texts() == []
    world.advance(minutes=1)

    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_called_off_it_pages_what_it_held(world: World) -> None:
    plan(world)
    world.fire()
    with world.database.transaction() as session:
        windows.call_off(session, OPERATOR, "upgrade", world.clock.now)
    world.settle()

    assert world.numbers_texted() == [ALICE]
    assert world.alert().maintenance_id is None
    world.reply(ALICE, "ack")


def test_critical_alerts_may_be_let_through(world: World) -> None:
    plan(world, critical=True)
    world.fire(severity="error")
    assert world.texts() == []

    world.fire("CPU is hot", key="cpu", severity="critical")
    assert world.numbers_texted() == [ALICE]
    world.fire(severity="critical")  # the first one has become worse
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    world.texts()
    world.reply(ALICE, "ack all")


def test_what_gets_worse_is_held_all_the_same_where_nothing_is_let_through(world: World) -> None:
    plan(world)
    world.fire(severity="warning")
    world.fire(severity="critical")

    assert world.texts() == []
    assert len(world.story()) == 3  # said once
    world.clear()


def test_a_teams_window_is_about_all_of_its_services(world: World) -> None:
    plan(world, of_team=True)
    world.fire()
    assert world.texts() == []
    world.clear()


def test_one_to_come_holds_nothing_yet(world: World) -> None:
    plan(world, starts_in=30)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")
    world.advance(minutes=30)
    world.fire("CPU is hot", key="cpu")
    assert world.texts() == []
    world.clear("cpu")


def test_a_late_heartbeat_waits_for_the_end_too(world: World) -> None:
    world.client.post("/ping/ping-key-of-the-backup")
    world.advance(hours=24)
    plan(world, minutes=120)
    world.advance(minutes=60)
    assert world.story()[1] == "+0 Not paged: maintenance until 11:00 EST (db upgrade)"
    assert world.texts() == []

    world.client.post("/ping/ping-key-of-the-backup")
    world.advance(hours=2)


def test_one_that_repeats_holds_every_time_and_only_then(world: World) -> None:
    plan(world, repeats="daily")
    for day in range(3):
        world.fire(f"Disk full on day {day}")
        assert world.texts() == []
        world.clear()
        world.advance(hours=24)


def test_ended_early_one_that_repeats_comes_again(world: World) -> None:
    plan(world, repeats="daily")
    end(world)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "resolve")
    world.advance(hours=24)

    world.fire()
    assert world.texts() == []
    world.clear()


def test_of_two_at_once_the_one_that_ends_last_holds(world: World) -> None:
    plan(world, minutes=30, name="short")
    plan(world, minutes=90)
    world.fire()
    world.advance(minutes=60)
    assert world.texts() == []
    assert world.ask(lambda session: session.get(MaintenanceWindow, world.alert().maintenance_id)).name == "upgrade"
    world.clear()


def test_paging_it_by_hand_needs_no_end(world: World) -> None:
    plan(world)
    world.fire()
    world.reassign("user:bob", by="alice")
    assert len(world.numbers_texted()) == 1
    world.reply("+12025550102", "resolve")


def test_where_nothing_is_planned_nothing_is_asked_when_alerts_come(world: World) -> None:
    asked: list[str] = []
    sa.event.listen(world.database.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))

    def times_asked() -> int:
        times = sum("FROM services JOIN maintenance_windows" in statement for statement in asked)
        asked.clear()
        return times

    world.fire(key="first")
    times_asked()
    world.fire(key="second")
    assert times_asked() == 0
    plan(world, name="upgrade", starts_in=10)
    world.fire(key="third")
    assert times_asked() == 2  # which services there are, and whether it is on
    world.texts()
    world.reply(ALICE, "ack all")
