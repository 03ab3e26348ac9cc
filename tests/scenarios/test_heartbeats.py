"""Heartbeats: runs that begin, end, fail and hang; each page is one that somebody must get."""

from typing import Any

from sqlmodel import select

from oncall.heartbeats import HeartbeatState, state_of
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Heartbeat, Severity
from tests.scenarios.world import ALICE, World

PING = "/ping/ping-key-of-the-backup"


def send(world: World, signal: str = "", output: str = "") -> None:
    answer = world.client.post(PING + signal, content=output.encode())
    assert (answer.status_code, answer.text) == (200, "OK\n")
    world.settle()


def heartbeat(world: World) -> Heartbeat:
    found: Heartbeat = world.ask(lambda session: session.exec(select(Heartbeat)).one())
    return found


def state(world: World) -> HeartbeatState:
    return state_of(heartbeat(world), world.clock.now)


def text_to_alice(world: World) -> str:
    ((number, text),) = world.texts()
    assert number == ALICE
    return text


def alerts(world: World) -> Any:
    return world.ask(lambda session: session.exec(select(Alert)).all())


def test_a_run_that_fails_pages_at_once_and_one_that_succeeds_resolves(world: World) -> None:
    send(world, "/fail", "copying\ndisk full on db1\n")
    assert "nightly-backup failed: disk full on db1" in text_to_alice(world)
    assert world.alert().details["output"] == "copying\ndisk full on db1\n"
    assert state(world) is HeartbeatState.FAILED

    send(world)
    assert world.alert().status is AlertStatus.RESOLVED
    assert state(world) is HeartbeatState.ALIVE


def test_a_run_that_fails_again_counts_up_and_pages_nobody_anew(world: World) -> None:
    send(world, "/fail")
    assert "nightly-backup failed" in text_to_alice(world)
    send(world, "/fail")
    assert world.texts() == []
    assert world.alert().event_count == 2
    send(world, "/finish")


def test_how_long_a_run_took_is_measured(world: World) -> None:
    send(world, "/start")
    assert state(world) is HeartbeatState.RUNNING
    world.advance(minutes=12)
    send(world)
    assert heartbeat(world).last_run_seconds == 720
    assert heartbeat(world).started_at is None


def test_a_run_that_begins_and_does_not_end_is_late(world: World) -> None:
    send(world, "/start")
    world.advance(hours=24, minutes=29)
    assert world.texts() == []
    world.advance(minutes=1)
    assert "nightly-backup began 24 h 30 min ago and has not finished" in text_to_alice(world)
    assert state(world) is HeartbeatState.LATE
    send(world)
    assert world.alert().status is AlertStatus.RESOLVED


def test_beginning_anew_does_not_make_up_for_a_run_that_failed(world: World) -> None:
    send(world, "/fail")
    assert "nightly-backup failed" in text_to_alice(world)
    send(world, "/start")
    assert world.alert().status is AlertStatus.TRIGGERED
    send(world)
    assert world.alert().status is AlertStatus.RESOLVED


def test_one_that_is_never_pinged_raises_nothing(world: World) -> None:
    world.advance(days=3)
    assert state(world) is HeartbeatState.NEW
    assert alerts(world) == []


def test_one_that_is_disabled_raises_nothing_and_enabled_again_is_expected_anew(world: World) -> None:
    send(world)
    world.apply("heartbeats: [{name: nightly-backup, enabled: false, every: 1h}]")
    world.advance(hours=2)
    send(world, "/fail")
    assert state(world) is HeartbeatState.DISABLED
    assert alerts(world) == []

    world.apply("heartbeats: [{name: nightly-backup, enabled: true}]")
    world.advance(hours=1, minutes=30)
    assert "No sign of life" in text_to_alice(world)
    send(world)


def test_disabling_one_that_is_late_resolves_its_alert(world: World) -> None:
    send(world, "/fail")
    assert "failed" in text_to_alice(world)
    world.apply("heartbeats: [{name: nightly-backup, enabled: false}]")
    assert world.alert().status is AlertStatus.RESOLVED


def test_what_the_alert_says_can_be_set(world: World) -> None:
    world.apply(
        "heartbeats: [{name: nightly-backup, alert_summary: No backup tonight, alert_severity: error, "
        "alert_tags: [backup], description: see the runbook}]"
    )
    send(world)
    world.advance(hours=24, minutes=30)
    assert "No backup tonight" in text_to_alice(world)
    assert world.alert().severity is Severity.ERROR
    assert world.alert().details == {"description": "see the runbook", "tags": ["backup"]}
    send(world)


def test_a_long_log_is_cut_and_the_ping_counts(world: World) -> None:
    send(world, output="x" * 2_000_000 + "done")
    assert len(heartbeat(world).last_output or "") == 10_000
    assert (heartbeat(world).last_output or "").endswith("done")


def test_an_unknown_key_is_told_so(world: World) -> None:
    for signal in ("", "/start", "/fail"):
        assert world.client.post(f"/ping/nobody{signal}").status_code == 404
