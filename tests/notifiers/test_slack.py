"""The Slack notifier against a server that answers as Slack does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from notifiers.base import Message, PermanentFailure, Standing, TemporaryFailure
from notifiers.kind import Accounts, PageFacts
from notifiers.slack import KIND, slack_address
from notifiers.slack_client import SlackAccount
from notifiers.slack_messages import Slack
from tests.fake_slack import BOT_TOKEN, FakeSlack

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
FACTS = PageFacts(12, "Disk full on <db1> & more", "web", "critical", "https://oncall.example.com/alerts/12")
ALICE = "U00ALICE"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


def notifier(slack: FakeSlack, *, token: str = BOT_TOKEN, can_answer: bool = True) -> Slack:
    account = SlackAccount(token, base_url=slack.base_url, timeout_seconds=2, can_answer=can_answer)
    made = KIND.make(Accounts(slack=account))
    assert isinstance(made, Slack)
    return made


def page(to: str = ALICE, alert: int | None = 12, reference: str = "7") -> Message:
    return Message(reference=reference, to=to, body=KIND.page(FACTS), at=NOW, alert=alert)


def test_a_page_says_what_and_where_and_has_buttons(slack: FakeSlack) -> None:
    receipt = notifier(slack).send(page())

    (message,) = slack.take()
    assert receipt.delivered
    assert message.channel == "D00ALICE"
    assert message.said == (
        "CRITICAL web: Disk full on &lt;db1&gt; &amp; more\nAlert 12 https://oncall.example.com/alerts/12"
    )
    assert message.buttons == ["acknowledge", "escalate", "resolve"]


def test_a_channel_is_posted_to_like_a_person(slack: FakeSlack) -> None:
    notifier(slack).send(page("C0WARROOM"))

    assert [message.channel for message in slack.take()] == ["C0WARROOM"]


def test_where_no_answer_reaches_us_there_are_no_buttons(slack: FakeSlack) -> None:
    notifier(slack, can_answer=False).send(page())

    assert [message.buttons for message in slack.take()] == [[]]


def test_a_shadow_has_nothing_to_do(slack: FakeSlack) -> None:
    body = KIND.page(replace(FACTS, is_shadow=True))
    notifier(slack).send(replace(page(alert=None), body=body))

    (message,) = slack.take()
    assert message.said.startswith("Shadow: CRITICAL web")
    assert "nothing to do for you" in message.said
    assert message.buttons == []


@pytest.mark.parametrize("body", [KIND.notice("Your shift begins. " * 500), KIND.code("123456")])
def test_notices_and_codes_have_no_buttons_and_fit(slack: FakeSlack, body: str) -> None:
    notifier(slack).send(replace(page(alert=None), body=body))

    assert [message.buttons for message in slack.take()] == [[]]


def test_an_endless_summary_of_special_characters_still_fits(slack: FakeSlack) -> None:
    notifier(slack).send(replace(page(), body=KIND.page(replace(FACTS, summary="<" * 5_000))))

    assert len(slack.take()) == 1


def test_an_update_shows_who_has_it_and_what_can_be_done_now(slack: FakeSlack) -> None:
    paging = notifier(slack)
    receipt = paging.send(page())

    paging.update(page(), receipt.provider_id, Standing("acknowledged", "Acknowledged by Alice <3", NOW))

    (message,) = slack.take()
    assert "Acknowledged by Alice &lt;3, <!date^1795442400^{time}|14:00 UTC>" in message.said
    assert message.buttons == ["resolve", "escalate"]
    paging.update(page(), receipt.provider_id, Standing("resolved", "Resolved by monitoring", NOW))
    assert message.buttons == []


def test_a_message_whose_answer_was_lost_is_found_again(slack: FakeSlack) -> None:
    slack.lose_next_reply()
    with pytest.raises(TemporaryFailure) as lost:
        notifier(slack).send(page())

    assert lost.value.maybe_accepted
    found = notifier(slack).find(page(), BEFORE)
    assert found is not None
    assert found.provider_id == f"D00ALICE:{slack.take()[0].ts}"
    assert notifier(slack).find(page(reference="8"), BEFORE) is None


def test_where_our_app_may_not_read_a_conversation_the_page_is_sent_again(slack: FakeSlack) -> None:
    slack.refuse_next("missing_scope")

    assert notifier(slack).find(page(), BEFORE) is None


@pytest.mark.parametrize("code", ["channel_not_found", "user_not_found", "is_archived", "user_disabled"])
def test_an_address_that_is_none_is_the_persons_to_mend(slack: FakeSlack, code: str) -> None:
    slack.refuse_next(code)

    with pytest.raises(PermanentFailure, match=code) as failure:
        notifier(slack).send(page())

    assert failure.value.bad_address


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "missing_scope", "new_error"])
def test_what_is_wrong_with_us_is_not_the_address_fault(slack: FakeSlack, code: str) -> None:
    slack.refuse_next(code)

    with pytest.raises(PermanentFailure, match=code) as failure:
        notifier(slack).send(page())

    assert not failure.value.bad_address


def test_a_wrong_token_is_said_without_the_token(slack: FakeSlack) -> None:
    with pytest.raises(PermanentFailure, match="check ONCALL_SLACK_BOT_TOKEN") as failure:
        notifier(slack, token="xoxb-wrong").send(page())

    assert "xoxb" not in str(failure.value)


def test_slack_says_how_long_to_leave_it_alone(slack: FakeSlack) -> None:
    slack.refuse_next("ratelimited", 429, retry_after=30)

    with pytest.raises(TemporaryFailure, match="rate limit") as failure:
        notifier(slack).send(page())

    assert failure.value.retry_after == 30
    assert not failure.value.maybe_accepted


@pytest.mark.parametrize(("status", "is_unsure"), [(500, True), (502, True), (503, False)])
def test_trouble_at_slack_passes(slack: FakeSlack, status: int, is_unsure: bool) -> None:
    slack.refuse_next("", status)

    with pytest.raises(TemporaryFailure) as failure:
        notifier(slack).send(page())

    assert failure.value.maybe_accepted is is_unsure


def test_slack_that_is_away_took_nothing(slack: FakeSlack) -> None:
    paging = notifier(slack)
    slack.close()

    with pytest.raises(TemporaryFailure, match="could not be reached") as failure:
        paging.send(page())

    assert not failure.value.maybe_accepted


@pytest.mark.parametrize("text", [" U00ALICE ", "<@U00ALICE>", "<@U00ALICE|alice>"])
def test_an_address_is_kept_as_slack_writes_it(text: str) -> None:
    assert slack_address(text) == ALICE


@pytest.mark.parametrize("text", ["", "@alice", "#warroom", "warroom", "D0123ABCD", "U1", "U0 ALICE", "+12025550101"])
def test_what_is_no_id_is_refused_with_where_to_find_one(text: str) -> None:
    with pytest.raises(ValueError, match="copy the member ID"):
        slack_address(text)


def test_tokens_are_neither_shown_nor_logged(slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    notifier(slack).send(page())
    slack.refuse_next("invalid_auth")
    with pytest.raises(PermanentFailure):
        notifier(slack).send(page())

    assert "xoxb" not in caplog.text
    assert "Disk full" not in caplog.text
    assert "xoxb" not in repr(SlackAccount(BOT_TOKEN, "xapp-1"))
