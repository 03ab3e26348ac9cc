"""What must not stop a page: rows that can't be sent, providers that are away, people who left, our own absence."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import select

from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, EngineProcess, EscalationPolicy, Heartbeat, Service, User
from oncall.people import contacts
from oncall.reports import noisiest
from oncall.reports.pages_taken import taken_by
from oncall.reports.scope import scope_of
from oncall.reports.window import Window
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, CAROL, Dying, World

EVERY_FIVE_MINUTES = "heartbeats: [{name: cron, service: web, every: 5m, grace: 0m, key: ping-key-of-cron}]"


def test_a_verification_code_whose_contact_method_was_removed_holds_up_nobody(world: World) -> None:
    with world.database.transaction() as session:
        bob = session.exec(select(User).where(User.handle == "bob")).one()
        method = contacts.add_method(session, bob, "typo", "sms", "+12025550142")
        contacts.send_code(session, method, world.clock())
        session.flush()
        session.delete(method)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.reply(ALICE, "ack")


def test_a_provider_that_is_away_for_longer_than_the_policy_lasts_loses_no_page(postgres_settings: Settings) -> None:
    """On SQLite the policy begins again in test_escalation.py."""
    with World(postgres_settings) as world:
        world.twilio.fail_next(10_000, status=503)
        world.fire()
        world.advance(minutes=50)
        assert world.texts() == []
        assert any("No message about this alert can have arrived: starting again" in line for line in world.story())
        world.twilio.work_again()
        world.advance(minutes=10)
        assert world.numbers_texted() != []
        world.calls()
        world.reply(ALICE, "ack 1")


def test_a_receipt_that_tells_what_a_lost_answer_did_not_makes_no_second_text(world: World) -> None:
    world.twilio.drop_reply_next()
    world.fire()
    (message,) = world.twilio.take_messages()
    assert world.deliveries()[0].state is DeliveryState.PENDING
    assert world.twilio.report(message, "delivered") == 204
    world.advance(seconds=60)
    assert world.texts() == []
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    world.reply(ALICE, "ack")


def test_a_call_that_was_refused_is_made_and_not_mistaken_for_another_alerts_call(settings: Settings) -> None:
    with World(settings.model_copy(update={"hold_seconds": 0})) as world:
        world.fire()
        world.fire("Error rate 12 %", key="errors")
        assert world.numbers_texted() == [ALICE, ALICE]
        world.twilio.fail_next(2, status=429, code=20429)
        world.advance(minutes=2, seconds=30)
        assert [call.to for call in world.calls()] == [ALICE, ALICE]
        world.reply(ALICE, "ack all")


def test_somebody_who_has_left_can_no_longer_answer(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    with world.database.transaction() as session:
        carol = session.exec(select(User).where(User.handle == "carol")).one()
        carol.retired_at = world.clock()
        session.add(carol)
    assert "not verified for anybody" in world.reply(CAROL, "resolve 1")
    assert world.alert().status is AlertStatus.TRIGGERED
    world.reply(ALICE, "ack")


def test_an_alert_in_a_long_gap_says_so_once(world: World) -> None:
    world.apply("escalation_policies: [{name: dev, fallback: null}]")
    world.apply("schedules: [{name: dev, rotations: [{name: developers, start: 2026-11-24T10:00}]}]")
    world.fire()
    world.advance(hours=5)
    assert len(world.story()) == 4, world.story()
    world.client.post(
        "/v2/enqueue",
        json={"routing_key": "0123456789abcdef0123456789abcdef", "event_action": "resolve", "dedup_key": "disk-db1"},
    )


def test_heartbeats_that_fell_due_while_we_were_gone_are_expected_anew(world: World) -> None:
    world.apply(EVERY_FIVE_MINUTES)
    assert world.client.get("/ping/ping-key-of-cron").status_code == 200
    with world.database.transaction() as session:
        now = world.clock()
        gone = EngineProcess(id="gone", host="h", pid=1, version="0", started_at=now, last_pass_at=now)
        session.add(gone)
    world.clock.now += timedelta(minutes=10)
    world.engine.start()
    world.engine.stop()
    assert world.texts() == []
    due = world.ask(lambda session: session.exec(select(Heartbeat.due_at).where(Heartbeat.name == "cron")).one())
    assert due == world.clock() + timedelta(minutes=5)


def test_heartbeats_that_fell_due_while_the_database_was_away_are_not_called_late(sqlite_settings: Settings) -> None:
    with World(sqlite_settings) as world:
        world.apply(EVERY_FIVE_MINUTES)
        assert world.client.get("/ping/ping-key-of-cron").status_code == 200
        with world.database.transaction() as session:
            now = world.clock() + timedelta(minutes=4)
            session.add(EngineProcess(id="e", host="h", pid=1, version="0", started_at=now, last_pass_at=now))
        world.clock.now += timedelta(minutes=6)
        world.engine.jobs.check_heartbeats()
        assert world.texts() == []


def test_what_waits_waits_no_longer_when_the_clock_is_set_back(sqlite_settings: Settings) -> None:
    with World(sqlite_settings) as world:
        world.fire()
        assert world.numbers_texted() == [ALICE]
        world.fire("Error rate 12 %", key="errors")
        world.reply(ALICE, "ack 2")
        world.clock.now -= timedelta(hours=1)
        world.engine.follow_clock()
        world.engine.follow_clock()
        world.advance(minutes=4, seconds=50)
        assert [call.to for call in world.calls()] == [ALICE]
        assert world.numbers_texted() == []
        world.advance(seconds=20)
        assert world.numbers_texted() == [BOB]
        assert world.alert(2).status is AlertStatus.ACKNOWLEDGED
        world.reply(BOB, "ack 1")


def test_what_happens_while_the_clock_is_wrong_by_days_is_in_the_reports(sqlite_settings: Settings) -> None:
    with World(sqlite_settings) as world:
        world.fire()
        world.reply(ALICE, "resolve 1")
        world.advance(hours=24 * 12)
        world.engine.jobs.count_past()
        world.engine.follow_clock()
        world.clock.now -= timedelta(days=8)
        world.engine.follow_clock()
        world.fire("Error rate 12 %", key="errors")
        world.reply(world.numbers_texted()[-1], "resolve 2")
        world.clock.now += timedelta(days=8)
        world.engine.follow_clock()
        world.engine.jobs.count_past()
        window = Window(world.clock() - timedelta(days=14), world.clock(), ZoneInfo("UTC"))
        alerts = world.ask(lambda session: noisiest.rows(session, window, scope_of(session, None)))
        pages = world.ask(lambda session: taken_by(session, window.start, window.end))
        assert (sum(row.alerts for row in alerts), sum(each.pages for each in pages.values())) == (2, 2)


def test_what_a_process_that_died_was_sending_is_taken_up_before_its_lease_ends(sqlite_settings: Settings) -> None:
    """On SQLite, where there is no other; after as long as the provider may take over what it was sent."""
    with World(sqlite_settings) as world:
        world.restart_engine(Dying())
        world.fire()
        world.restart_engine()
        world.engine.start()
        world.engine.stop()
        world.advance(seconds=world.settings.longest_request - 1)
        assert world.texts() == []
        world.advance(seconds=2)
        assert world.numbers_texted() == [ALICE]
        world.reply(ALICE, "ack")


def test_a_heartbeat_that_was_moved_resolves_the_alert_it_raised(world: World) -> None:
    world.apply(EVERY_FIVE_MINUTES)
    world.apply("services: [{name: db, escalation_policy: dev}]")
    world.client.get("/ping/ping-key-of-cron")
    world.advance(minutes=5)
    assert world.numbers_texted() == [ALICE]
    world.apply("heartbeats: [{name: cron, service: db}]")
    world.client.get("/ping/ping-key-of-cron")
    assert world.alert().status is AlertStatus.RESOLVED
    assert world.ask(lambda session: session.get_one(Service, world.alert().service_id).name) == "web"


def test_an_alert_that_we_fail_to_step_holds_up_no_other(world: World) -> None:
    """The fault is made by a stored policy that no version of ours would write."""
    world.fire()
    world.fire("Error rate 12 %", key="errors")
    world.texts()
    with world.database.transaction() as session:
        policy = EscalationPolicy(name="broken", steps=[{"page": ["carrier-pigeon"]}])
        session.add(policy)
        session.flush()
        broken = session.get_one(Alert, 1)
        broken.policy_id = policy.id or 0
        session.add(broken)
    world.advance(minutes=6)
    assert BOB in world.numbers_texted()
    assert any("Escalation failed by a fault" in line for line in world.story(1))
    world.calls()
    world.reply(ALICE, "ack all")


def test_an_alert_whose_page_the_database_refuses_holds_up_no_other(postgres_settings: Settings) -> None:
    with World(postgres_settings) as world:
        with world.database.transaction() as session:
            session.connection().exec_driver_sql("ALTER TABLE pages ADD CHECK (alert_id <> 1)")
        world.fire()
        world.fire("Error rate 12 %", key="errors")
        assert [text for _, text in world.texts() if "Error rate" in text]
        assert any("Escalation failed by a fault" in line for line in world.story(1))
        world.reply(ALICE, "ack all")


def test_a_number_that_no_database_can_hold_does_not_cost_the_page(world: World) -> None:
    payload = '{"summary": "Load", "source": "db1", "severity": "critical", "custom_details": {"load": 1e999}}'
    body = f'{{"routing_key": "0123456789abcdef0123456789abcdef", "event_action": "trigger", "payload": {payload}}}'
    assert world.client.post("/v2/enqueue", content=body).status_code == 202
    world.settle()
    assert world.numbers_texted() == [ALICE]
    assert world.alert().details == {"load": None}
    world.reply(ALICE, "ack")


def test_dedup_keys_that_differ_only_at_their_end_are_two_alerts(world: World) -> None:
    for end in ("a", "b"):
        alert = {"status": "firing", "labels": {"alertname": "A"}, "fingerprint": "x" * 600 + end}
        answer = world.client.post("/ingest/alertmanager/alertmanager-key-of-web", json={"alerts": [alert]})
        assert answer.status_code == 202
    world.settle()
    assert world.numbers_texted() == [ALICE], "of both in one text"
    assert [world.alert(number).status for number in (1, 2)] == [AlertStatus.TRIGGERED] * 2
    world.reply(ALICE, "ack all")


def test_ten_thousand_alerts_in_one_request_are_stored(settings: Settings) -> None:
    alerts = [{"status": "resolved", "labels": {}, "fingerprint": f"{number:x}"} for number in range(10_000)]
    with World(settings.model_copy(update={"ingest_max_bytes": 2_000_000})) as world:
        answer = world.client.post("/ingest/alertmanager/alertmanager-key-of-web", json={"alerts": alerts})
        assert (answer.status_code, answer.json()["events"]) == (202, 10_000)
        assert world.ask(lambda session: session.exec(select(Delivery.id)).first()) is None


def test_where_nothing_is_due_one_question_a_second_finds_that_out(world: World) -> None:
    asked: list[str] = []

    @sa.event.listens_for(world.database.engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        asked.append(statement)

    world.engine.jobs.follow_due_times()
    assert len([statement for statement in asked if statement != "BEGIN"]) == 1
