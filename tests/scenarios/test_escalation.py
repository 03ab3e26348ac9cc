"""Monitoring fires, the right person is paged, the next one if nobody answers."""

from oncall.lifecycle.alert import AlertStatus
from tests.scenarios.world import ALICE, BOB, CAROL, COMPANY, World

TEXT = "CRITICAL web: Disk full on db1"


def test_l1_is_texted_at_once_called_after_two_minutes_and_l2_texted_after_five(world: World) -> None:
    world.fire()
    ((number, text),) = world.texts()
    assert number == ALICE
    assert text.startswith(TEXT)
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE]
    assert world.texts() == []
    world.advance(minutes=3)
    assert world.numbers_texted() == [BOB]


def test_a_reply_acknowledges_and_calls_back_everything_pending(world: World) -> None:
    world.fire()
    world.advance(minutes=5)
    assert world.numbers_texted() == [ALICE, BOB]
    assert len(world.calls()) == 1
    assert world.reply(BOB, "ack 1") == "#1 acknowledged: Disk full on db1"
    world.advance(hours=3)
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    assert {delivery.state for delivery in world.deliveries()} <= {"sent", "cancelled"}


def test_the_timeline_tells_the_whole_story_with_times_and_names(world: World) -> None:
    world.fire()
    world.advance(minutes=5)
    world.reply(BOB, "ack 1")
    world.advance(minutes=10)
    world.clear()
    world.texts(), world.calls()
    assert world.story() == [
        "+0 Triggered by events (pagerduty): Disk full on db1",
        "+0 Paged Alice Archer (dev L1): the alert triggered",
        "+0 Text to Alice Archer sent",
        "+2 Call to Alice Archer sent",
        "+5 Paged Bob Nguyen (dev L2): no answer from Alice Archer for 5 min",
        "+5 Text to Bob Nguyen sent",
        "+5 Acknowledged by Bob Nguyen by text",
        "+15 Resolved by events (pagerduty)",
    ]


def test_nobody_answers_so_the_steps_repeat_and_the_fallback_is_paged_last(world: World) -> None:
    world.fire()
    world.advance(hours=2)
    assert world.numbers_texted() == [ALICE, BOB, ALICE, BOB, CAROL]
    assert [call.to for call in world.calls()] == [ALICE, BOB, ALICE, BOB]
    assert world.story()[-3:] == [
        "+30 Paged Carol Silva: the policy's fallback: no answer from Bob Nguyen for 10 min",
        "+30 Every step has been tried: nobody else will be paged unless somebody escalates",
        "+30 Text to Carol Silva sent",
    ]


def test_an_empty_step_runs_on_at_once(world: World) -> None:
    world.apply("schedules: [{name: dev, levels: [L1, L2, L3]}]")
    steps = '[{page: ["schedule:dev/L3"], wait: 5m}, {page: ["user:bob"], wait: 5m}]'
    world.apply(f"escalation_policies: [{{name: dev, steps: {steps}}}]")
    world.apply("schedules: [{name: dev, rotations: [{name: developers, levels: [L1, L2]}]}]")
    world.fire()
    assert world.numbers_texted() == [BOB]
    assert "+0 Nobody is on call for dev L3" in world.story()
    world.reply(BOB, "ack")


def test_an_alert_that_fires_into_a_gap_goes_to_the_fallback_and_to_whoever_comes_on_call(world: World) -> None:
    later = COMPANY.replace("2026-11-22T10:00", "2026-11-23T10:00").replace("    fallback: user:carol\n", "")
    world.apply("escalation_policies: [{name: dev, fallback: null}]")
    world.apply(later)
    world.fire()
    world.advance(minutes=50)
    assert world.texts() == []
    assert world.story().count("+0 Nobody can be paged by policy dev: trying again until somebody can be") == 1
    world.advance(minutes=15)
    assert world.numbers_texted()[0] == ALICE
    assert world.calls()[0].to == ALICE
    world.reply(ALICE, "ack")


def test_a_policy_edited_while_an_alert_is_open_does_not_touch_it(world: World) -> None:
    world.fire()
    world.apply('escalation_policies: [{name: dev, steps: [{page: ["user:carol"], wait: 1m}]}]')
    world.advance(minutes=5)
    assert world.numbers_texted() == [ALICE, BOB]
    assert len(world.calls()) == 1
    world.reply(BOB, "ack")


def test_a_repeated_event_counts_but_pages_nobody_again(world: World) -> None:
    world.fire()
    world.fire()
    world.fire(summary="Disk still full on db1")
    assert world.numbers_texted() == [ALICE]
    assert (world.alert().event_count, world.alert().summary) == (3, "Disk still full on db1")
    world.reply(ALICE, "ack")


def test_the_same_dedup_key_after_a_resolve_is_a_new_alert(world: World) -> None:
    world.fire()
    world.clear()
    world.advance(seconds=1)
    world.fire()
    assert world.numbers_texted() == [ALICE, ALICE]
    assert world.alert(1).status is AlertStatus.RESOLVED
    assert world.alert(2).status is AlertStatus.TRIGGERED
    world.reply(ALICE, "ack")


def test_low_urgency_goes_by_the_rules_for_low_urgency(world: World) -> None:
    world.fire(severity="warning")
    world.advance(minutes=4)
    assert world.numbers_texted() == [ALICE]
    assert world.calls() == []
    world.reply(ALICE, "ack")


def test_escalate_pages_the_next_step_now_even_when_acknowledged(world: World) -> None:
    world.fire()
    world.reply(ALICE, "ack")
    world.texts()
    assert world.reply(ALICE, "esc 1") == "#1 escalated to Bob Nguyen: Disk full on db1"
    assert world.numbers_texted() == [BOB]
    assert world.alert().status is AlertStatus.TRIGGERED
    assert "+0 Paged Bob Nguyen (dev L2): escalated by Alice Archer" in world.story()
    world.reply(BOB, "ack")


def test_whoever_escalates_is_not_called_any_more(world: World) -> None:
    world.fire()
    assert world.reply(ALICE, "esc 1") == "#1 escalated to Bob Nguyen: Disk full on db1"
    world.advance(minutes=3)

    assert [call.to for call in world.calls()] == [BOB]
    assert world.numbers_texted() == [ALICE, BOB]
    world.reply(BOB, "ack")


def test_whoever_escalates_where_nobody_else_can_be_paged_is_called_all_the_same(world: World) -> None:
    world.apply(
        "escalation_policies: [{name: dev, repeat: 0, fallback: null, steps: [{page: 'user:alice', wait: 5m}]}]"
    )
    world.fire()
    world.reply(ALICE, "esc 1")
    world.advance(minutes=3)

    assert [call.to for call in world.calls()] == [ALICE]
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_what_is_escalated_out_of_a_snooze_goes_to_the_next_and_not_to_the_first_again(world: World) -> None:
    world.fire()
    world.snooze(minutes=30)
    world.texts()
    assert world.reply(ALICE, "esc 1") == "#1 escalated to Bob Nguyen: Disk full on db1"
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


def test_a_person_without_a_verified_contact_method_is_passed_over_and_the_timeline_says_so(world: World) -> None:
    world.apply("users: [{handle: alice, contact_methods: [{name: mobile, kind: sms, address: '+12025550109'}]}]")
    world.fire()
    assert world.numbers_texted() == [BOB]
    assert "+0 Alice Archer can't be paged: no verified contact method" in world.story()
    world.reply(BOB, "ack")


def test_a_late_heartbeat_raises_an_alert_and_the_next_ping_resolves_it(world: World) -> None:
    assert world.client.get("/ping/ping-key-of-the-backup/").status_code == 200
    world.advance(hours=24, minutes=29)
    assert world.texts() == []
    world.advance(minutes=1)
    ((number, text),) = world.texts()
    assert number == ALICE
    assert "No sign of life from nightly-backup: expected every 24 h" in text
    assert world.client.head("/ping/ping-key-of-the-backup").status_code == 200
    assert world.alert().status is AlertStatus.RESOLVED


ONLY_CAROL = "escalation_policies: [{name: dev, repeat: 0, fallback: null, steps: [{page: 'user:carol', wait: 30m}]}]"


def test_a_policy_whose_only_person_could_not_be_told_pages_again_as_soon_as_they_can(world: World) -> None:
    world.apply(ONLY_CAROL)
    world.twilio.fail_next(status=400, code=21610)
    world.fire()
    assert world.story()[-2:] == [
        "+0 Nobody paged in this step could be reached: moving on",
        "+0 No message about this alert can have arrived: starting again",
    ]
    world.advance(minutes=40)
    assert world.texts() == []
    world.reply(CAROL, "START")
    world.advance(minutes=30)
    assert world.numbers_texted() == [CAROL]
    world.advance(minutes=30)
    assert "Every step has been tried" in world.story()[-1]


def test_a_provider_that_gave_up_before_the_last_wait_was_over_does_not_end_the_policy(world: World) -> None:
    world.apply(ONLY_CAROL)
    world.twilio.fail_next(10_000, status=503)
    world.fire()
    world.advance(minutes=29)
    world.twilio.work_again()
    world.advance(minutes=32)
    assert world.numbers_texted() == [CAROL]


def test_what_was_told_before_a_snooze_does_not_count_after_it(world: World) -> None:
    world.apply(ONLY_CAROL)
    world.fire()
    assert world.numbers_texted() == [CAROL]
    world.snooze("carol", hours=1)
    world.twilio.fail_next(status=400, code=21211)
    world.advance(hours=1)
    assert world.story()[-1] == "+60 No message about this alert can have arrived: starting again"


def test_a_way_that_fails_after_the_next_step_has_run_brings_no_further_step_forward(world: World) -> None:
    world.apply(
        """
users:
  - handle: carol
    contact_methods: [{name: call, kind: voice, address: "+12025550103", verified: true}]
    notification_rules: [{urgency: high, after: 2m, contact_method: call}]
escalation_policies:
  - name: dev
    steps: [{page: "user:carol", wait: 1m}, {page: "user:bob", wait: 10m}, {page: "user:alice", wait: 10m}]
"""
    )
    world.fire()
    world.advance(minutes=1)
    assert world.numbers_texted() == [BOB]
    world.twilio.fail_for(CAROL)
    world.advance(minutes=9)
    assert world.texts() == []
    assert [call.to for call in world.calls()] == [BOB]
    world.reply(BOB, "ack")
