"""Many alerts at once: few messages, each page accounted for, nothing lost."""

import re
from collections import Counter
from datetime import timedelta

from oncall.delivery.answer_links import token_of
from oncall.delivery.held import held_from
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod
from oncall.settings import Settings
from tests.scenarios.world import ALERTMANAGER_KEY, ALICE, BOB, COMPANY, Dying, World
from tests.web.pages.browser import Forms

TWO_SERVICES = COMPANY.replace(
    "heartbeats:",
    """  - name: payments
    escalation_policy: dev
    integration_keys:
      - {name: events, tool: alertmanager, key: alertmanager-key-of-payments}
heartbeats:""",
)


def storm(world: World, count: int, key: str = ALERTMANAGER_KEY, first: int = 0) -> None:
    """So many alerts in one notification."""
    numbers = range(first, first + count)
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": f"Disk full on db{number}", "severity": "critical"},
            "fingerprint": f"{key}-{number}",
        }
        for number in numbers
    ]
    answer = world.client.post(f"/ingest/alertmanager/{key}", json={"alerts": alerts})
    assert answer.status_code == 202, answer.text
    world.settle()


def states(world: World, count: int, kind: str = "sms") -> Counter[DeliveryState]:
    found = [row for number in range(1, count + 1) for row in world.deliveries(number) if row.kind == kind]
    assert len(found) == count
    return Counter(row.state for row in found)


def test_three_hundred_alerts_are_a_handful_of_texts_and_one_answer(world: World) -> None:
    storm(world, 300)
    world.advance(seconds=90)
    texts = world.texts()
    assert len(texts) <= 3
    assert all(len(text) <= 160 for _, text in texts)
    assert re.match(r"CRITICAL: 25 alerts on web, oldest 0 s: Disk full on db\d+; Disk full on db", texts[0][1])
    assert texts[1][1].startswith("CRITICAL: 275 alerts on web, oldest 1 s: ")
    assert texts[1][1].endswith("Reply ack all or open https://oncall.example.com/alerts?mine=1")
    assert states(world, 300) == {DeliveryState.SENT: 300}
    told = Counter(line for number in range(1, 301) for line in world.story(number) if "Text" in line)
    assert {re.sub(r"^\S+ ", "", line): count for line, count in told.items()} == {
        "Text to Alice Archer sent together with 24 others": 25,
        "Text to Alice Archer held back, sent together with 274 others": 275,
    }
    assert world.reply(ALICE, "ack all").startswith("300 alerts acknowledged: #1, #2")
    world.advance(minutes=30)
    assert {world.alert(number).status for number in (1, 150, 300)} == {AlertStatus.ACKNOWLEDGED}


def test_what_is_acknowledged_while_it_is_held_back_is_not_told(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    for number in (2, 3, 4):
        world.fire(f"Queue {number} is long", key=f"queue-{number}")
    assert world.texts() == []
    held = world.deliveries(2)[0]
    assert (held.state, held.held_since) == (DeliveryState.PENDING, world.clock())
    world.reply(ALICE, "ack 3")
    world.advance(seconds=1)
    ((_, text),) = world.texts()
    assert text.startswith("CRITICAL: 2 alerts on web, oldest 1 s: Queue 2 is long; Queue 4 is long.")
    assert world.deliveries(3)[0].state is DeliveryState.CANCELLED
    world.reply(ALICE, "ack all")


def test_another_service_is_told_of_at_once_and_so_is_another_person(settings: Settings) -> None:
    with World(settings, TWO_SERVICES) as world:
        storm(world, 60)
        storm(world, 5, first=60)
        assert world.numbers_texted() == [ALICE]
        storm(world, 1, key="alertmanager-key-of-payments")
        ((number, text),) = world.texts()
        assert (number, text[:40]) == (ALICE, "CRITICAL payments: Disk full on db0. Rep")
        world.reply(ALICE, "esc 66")
        assert world.numbers_texted() == [BOB]
        world.reply(ALICE, "ack all")


def test_the_keypad_answers_all_that_a_call_tells_of(world: World) -> None:
    storm(world, 3)
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=2)
    (call,) = world.calls()
    said = world.twilio.answer(call, keys="4")
    assert said[0].startswith(
        "3 alerts on web, the gravest critical, the oldest open for 2 minutes. "
        "Disk full on d b 0. Disk full on d b 1. Disk full on d b 2. A key answers all 3."
    )
    assert said[-1] == "3 alerts acknowledged, 1, 2, 3"


def test_a_bundle_that_fails_goes_the_next_way_as_one(world: World) -> None:
    storm(world, 3)
    (message,) = world.twilio.take_messages()
    world.twilio.report(message, "undelivered", ErrorCode="30005")
    world.settle()
    (call,) = world.calls()
    assert states(world, 3) == {DeliveryState.FAILED: 3}
    for number in (1, 2, 3):
        assert "+0 Text to Alice Archer failed: The phone number is not in use (Twilio 30005)" in world.story(number)
        assert "+0 Call to Alice Archer is next, since the way before failed" in world.story(number)
        assert "+0 Call to Alice Archer sent together with 2 others" in world.story(number)
    assert world.ask(lambda session: session.get_one(ContactMethod, 1)).disabled_at is not None
    world.twilio.answer(call, keys="4")


def test_a_receipt_is_proof_for_every_one_of_them(world: World) -> None:
    storm(world, 3)
    (message,) = world.twilio.take_messages()
    world.advance(seconds=3)
    world.twilio.report(message, "delivered")
    assert states(world, 3) == {DeliveryState.DELIVERED: 3}
    assert all("+0.05 Text to Alice Archer delivered in 3 s" in world.story(number) for number in (1, 2, 3))
    rows = [world.deliveries(number)[0] for number in (1, 2, 3)]
    assert [(row.carried_by, row.carries) for row in rows] == [(None, 2), (rows[0].id, 0), (rows[0].id, 0)]
    world.reply(ALICE, "ack all")


def test_a_process_that_dies_between_claim_and_send_loses_none_of_them(world: World) -> None:
    world.restart_engine(Dying())
    storm(world, 3)
    assert world.texts() == []
    world.restart_engine()
    world.reply(BOB, "ack 1")
    world.advance(seconds=31)
    ((_, text),) = world.texts()
    assert text.startswith("CRITICAL: 3 alerts on web"), "as it was, so that it would be found at the provider"
    assert states(world, 3) == {DeliveryState.SENT: 3}
    world.advance(seconds=60)
    assert world.texts() == []
    world.reply(ALICE, "ack all")


def test_a_text_that_did_not_leave_is_made_anew_without_what_was_answered(world: World) -> None:
    world.twilio.fail_next(1, status=503)
    storm(world, 3)
    assert world.texts() == []
    world.reply(BOB, "ack 1")
    world.advance(seconds=10)
    ((_, text),) = world.texts()
    assert text.startswith("CRITICAL: 2 alerts on web, oldest 2 s: Disk full on db1; Disk full on db2.")
    assert states(world, 3) == {DeliveryState.SENT: 2, DeliveryState.CANCELLED: 1}
    world.reply(ALICE, "ack all")


def test_texts_that_did_not_leave_by_themselves_may_leave_together(world: World) -> None:
    world.twilio.fail_next(2, status=503)
    world.fire()
    world.fire("Queue is long", key="queue")
    world.advance(seconds=10)
    ((_, text),) = world.texts()
    assert text.startswith("CRITICAL: 2 alerts on web, oldest 2 s: Disk full on db1; Queue is long.")
    world.reply(ALICE, "ack all")


def test_an_answer_lost_on_its_way_is_looked_up_for_all_of_them(world: World) -> None:
    world.twilio.drop_reply_next()
    storm(world, 3)
    world.reply(BOB, "ack 1")
    world.advance(seconds=10)
    assert world.numbers_texted() == [ALICE], "once"
    assert states(world, 3) == {DeliveryState.SENT: 3}
    world.reply(ALICE, "ack all")


def test_with_nothing_to_hold_back_each_page_goes_by_itself(settings: Settings) -> None:
    with World(settings.model_copy(update={"hold_seconds": 0})) as world:
        storm(world, 3)
        assert {re.sub(r"\..*", "", text) for _, text in world.texts()} == {
            f"CRITICAL web: Disk full on db{number}" for number in range(3)
        }
        world.reply(ALICE, "ack all")


def test_the_link_lists_all_of_them_and_acknowledges_all(world: World) -> None:
    storm(world, 3)
    assert world.numbers_texted() == [ALICE]
    lead = next(row for number in (1, 2, 3) for row in world.deliveries(number) if row.carries)
    path = f"/answer/{token_of(world.runtime.signer, lead)}"
    page = world.client.get(path).text
    assert "3 alerts in one message" in page
    assert "Acknowledge all 3" in page
    assert [page.index(f"#{number} ·") for number in (1, 2, 3)] == sorted(page.index(f"#{n} ·") for n in (1, 2, 3))
    assert "the oldest since " in page
    assert all(f"Disk full on db{number}" in page for number in range(3))
    answer = world.client.post(path, data={"action": "acknowledge", "press": "once"})
    assert "3 alerts acknowledged: #1, #2, #3" in answer.text
    assert {world.alert(number).status for number in (1, 2, 3)} == {AlertStatus.ACKNOWLEDGED}


def test_all_that_a_link_lists_are_escalated_once_by_two_devices(world: World) -> None:
    storm(world, 3)
    world.texts()
    lead = next(row for number in (1, 2, 3) for row in world.deliveries(number) if row.carries)
    path = f"/answer/{token_of(world.runtime.signer, lead)}"
    phone, laptop = (Forms(world.client.get(path).text).found[path] | {"action": "escalate"} for _ in range(2))

    assert "3 alerts escalated" in world.client.post(path, data=phone).text
    world.settle()
    assert set(world.numbers_texted()) == {BOB}
    assert "Not escalated: some of them have gone on" in world.client.post(path, data=laptop).text
    world.settle()
    assert world.texts() == []
    assert [world.alert(number).round for number in (1, 2, 3)] == [0] * 3
    world.reply(BOB, "ack all")


def test_what_is_held_back_is_counted_and_listed(world: World) -> None:
    storm(world, 2)
    for number in (3, 4):
        world.fire(f"Queue {number} is long", key=f"queue-{number}")
    assert world.numbers_texted() == [ALICE]
    (held,) = world.ask(lambda session: held_from(session, 1, world.clock()))
    assert (held.kind, held.count, held.alerts) == ("sms", 2, (3, 4))
    assert (held.carried, held.messages) == (2, 1)
    assert held.until == world.clock() + timedelta(seconds=1)
    world.reply(ALICE, "ack all")
    (held,) = world.ask(lambda session: held_from(session, 1, world.clock()))
    assert held.count == 0
