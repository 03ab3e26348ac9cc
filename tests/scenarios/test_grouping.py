"""Several problems in one alert: it pages once, lists them, and is over when all of them are."""

from sqlmodel import col, select

from oncall.models import Alert, AlertMember, Severity, Urgency
from tests.scenarios.world import ALERTMANAGER_KEY, ALICE, World

BY_CLUSTER = "services: [{name: web, grouping: {labels: [cluster]}}]"
BY_TIME = "services: [{name: web, grouping: {within: 5m}}]"


def send(world: World, name: str, cluster: str = "east", status: str = "firing", severity: str = "error") -> None:
    labels = {"alertname": name, "cluster": cluster, "severity": severity}
    alert = {"status": status, "labels": labels, "annotations": {"summary": f"{name} is ill"}, "fingerprint": name}
    answer = world.client.post(f"/ingest/alertmanager/{ALERTMANAGER_KEY}", json={"alerts": [alert]})
    assert answer.status_code == 202, answer.text
    world.settle()


def alerts(world: World) -> list[Alert]:
    found: list[Alert] = world.ask(lambda session: session.exec(select(Alert).order_by(col(Alert.id))).all())
    return found


def members(world: World, number: int = 1) -> dict[str, bool]:
    """By summary, whether it is open."""
    rows = world.ask(lambda session: session.exec(select(AlertMember).where(AlertMember.alert_id == number)).all())
    return {row.summary: row.resolved_at is None for row in rows}


def test_those_with_the_same_label_are_one_alert_that_pages_once(world: World) -> None:
    world.apply(BY_CLUSTER)
    send(world, "db1")
    send(world, "db2")
    send(world, "db9", cluster="west")

    assert [alert.event_count for alert in alerts(world)] == [2, 1]
    assert members(world) == {"db1 is ill": True, "db2 is ill": True}
    world.advance(minutes=1)  # the text about west waits for its turn
    assert world.numbers_texted() == [ALICE] * 2
    assert "+0 Joined by: db2 is ill (2 problems)" in world.story()
    world.reply(ALICE, "ack all")


def test_it_is_resolved_when_the_last_of_them_is(world: World) -> None:
    world.apply(BY_CLUSTER)
    for name in ("db1", "db2", "db3"):
        send(world, name)
    assert world.numbers_texted() == [ALICE]
    send(world, "db2", status="resolved")
    send(world, "db1", status="resolved")
    assert world.alert().status == "triggered"
    assert "+0 Over: db2 is ill (2 of 3 still open)" in world.story()

    send(world, "db3", status="resolved")
    assert world.alert().status == "resolved"
    assert not any(members(world).values())


def test_it_is_as_grave_as_the_worst_of_them(world: World) -> None:
    world.apply(BY_CLUSTER)
    send(world, "db1", severity="critical")
    send(world, "db2", severity="info")
    assert world.alert().severity is Severity.CRITICAL
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_it_is_less_grave_once_the_worst_of_them_is_over(world: World) -> None:
    world.apply(BY_CLUSTER)
    send(world, "db1", severity="critical")
    send(world, "db2", severity="warning")
    send(world, "db3", severity="info")
    assert world.numbers_texted() == [ALICE]

    send(world, "db3", severity="info", status="resolved")
    assert (world.alert().severity, world.alert().urgency) == (Severity.CRITICAL, Urgency.HIGH)
    send(world, "db1", severity="critical", status="resolved")
    assert (world.alert().severity, world.alert().urgency) == (Severity.WARNING, Urgency.LOW)
    assert "+0 Warning is the worst of what is left" in world.story()
    world.reply(ALICE, "ack")


def test_those_that_begin_within_a_time_are_one_alert(world: World) -> None:
    world.apply(BY_TIME)
    send(world, "db1")
    world.advance(minutes=4)
    send(world, "db2")
    assert len(alerts(world)) == 1
    world.advance(minutes=1)
    send(world, "db3")
    send(world, "db1")

    assert [list(members(world, alert.id or 0)) for alert in alerts(world)] == [
        ["db1 is ill", "db2 is ill"],
        ["db3 is ill"],
    ]
    send(world, "db2", status="resolved")
    send(world, "db1", status="resolved")
    assert [alert.status for alert in alerts(world)] == ["resolved", "triggered"]
    world.texts()
    world.calls()
    world.reply(ALICE, "ack all")


def test_many_members_are_told_of_within_bounds(world: World) -> None:
    world.apply(BY_CLUSTER)
    for number in range(50):
        send(world, f"db{number}")
    assert len(members(world)) == 50
    assert len([line for line in world.story() if "Joined by" in line]) == 29
    assert len([line for line in world.story() if "More have joined" in line]) == 1
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_resolved_by_somebody_what_comes_then_is_another_alert(world: World) -> None:
    world.apply(BY_CLUSTER)
    send(world, "db1")
    world.reply(ALICE, "resolve")
    send(world, "db1")
    assert [alert.status for alert in alerts(world)] == ["resolved", "triggered"]
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE] * 2
    world.reply(ALICE, "ack")


def test_turned_off_it_leaves_no_alert_that_its_tool_can_t_resolve(world: World) -> None:
    world.apply(BY_CLUSTER)
    send(world, "db1")
    send(world, "db2")
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")
    world.apply("services: [{name: web, grouping: null}]")

    send(world, "db1")  # still the same problem
    send(world, "db3")  # an alert of its own
    assert [alert.event_count for alert in alerts(world)] == [3, 1]
    send(world, "db1", status="resolved")
    assert members(world) == {"db1 is ill": False, "db2 is ill": True}
    send(world, "db2", status="resolved")
    send(world, "db1")

    assert [alert.status for alert in alerts(world)] == ["resolved", "triggered", "triggered"]
    world.texts()
    world.reply(ALICE, "ack all")
