"""Emails that come back after they were taken: through a real mail server, to our own."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import col, select
from structlog.testing import capture_logs

from oncall.lifecycle.delivery import DeliveryState
from oncall.metrics import REGISTRY
from oncall.models import ContactMethod, Notice
from oncall.people import contacts
from oncall.people.contact_tests import last_test, send_test
from oncall.people.people import find_user
from oncall.settings import Settings
from tests.bounces import EXCHANGE, GMAIL, OUT_OF_OFFICE, postfix
from tests.conftest import Contents
from tests.mail_server import MailServer, mail_server
from tests.scenarios.world import ALICE, BEGINS, CAROL, COMPANY, World

DOMAIN = "alerts.example.com"
SENDER = "oncall@example.com"
BY_MAIL_THEN_TEXT = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: mail, kind: email, address: alice@example.com, verified: true}}
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
    notification_rules:
      - {{urgency: high, after: 0m, contact_method: mail}}
      - {{urgency: high, after: 4m, contact_method: mobile}}
"""
NO_SUCH = "The mail server says that there is no such address"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def by_mail(settings: Settings, server: MailServer, port: int) -> World:
    mail = {"smtp_url": SecretStr(f"smtp://127.0.0.1:{server.port}"), "email_from": f"oncall <{SENDER}>"}
    listens = {"smtp_listen": f"127.0.0.1:{port}", "email_domain": DOMAIN} if port else {}
    return World(settings.model_copy(update=mail | listens))


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, BY_MAIL_THEN_TEXT))


@pytest.fixture
def world(settings: Settings, server: MailServer, free_port: Callable[[], int]) -> Iterator[World]:
    """Alice, who is L1, is paged by email, and four minutes later by text."""
    with by_mail(settings, server, free_port()) as world:
        yield world


def hand_in(world: World, mail: bytes, to: str, sender: str = "") -> dict[str, tuple[int, bytes]]:
    """As another mail server does; gives the recipients that were refused."""
    with smtplib.SMTP("127.0.0.1", int(world.settings.smtp_listen.rpartition(":")[2]), timeout=10) as door:
        refused = door.sendmail(sender, [to], mail)
    world.settle()
    return refused


def refused(world: World, to: str, sender: str = "") -> tuple[int, bytes]:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as raised:
        hand_in(world, postfix(), to, sender)
    answer: tuple[int, bytes] = raised.value.recipients[to]
    return answer


def fire(world: World, server: MailServer) -> str:
    """Gives where the page by email is returned to."""
    world.fire()
    return server.senders[-1]


def mail_method(world: World, name: str = "mail") -> ContactMethod:
    method: ContactMethod = world.ask(
        lambda session: session.exec(select(ContactMethod).where(ContactMethod.name == name)).one()
    )
    return method


def notices(world: World) -> list[str]:
    told: list[str] = world.ask(lambda session: list(session.exec(select(Notice.text).order_by(col(Notice.id)))))
    return told


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("oncall_mails_returned_total", {"outcome": outcome}) or 0.0


def page_comes_back(world: World, server: MailServer) -> None:
    returns_to = fire(world, server)
    (page,) = server.take()
    assert (page["From"], page["To"]) == (f"oncall <{SENDER}>", "alice@example.com")
    assert len(returns_to.partition("@")[0]) <= 64, "as much as RFC 5321 has room for"
    world.advance(minutes=1)
    assert world.texts() == []

    assert hand_in(world, postfix(), returns_to) == {}

    texts = sorted(text for number, text in world.texts() if number == ALICE)
    assert "Disk full on db1" in texts[0]
    assert texts[1].startswith('Emails to "mail" (alice@example.com) are off')
    assert world.story()[-3:] == [
        f"+1 Email to Alice Archer failed: {NO_SUCH} (5.1.1)",
        "+1 Text to Alice Archer is next, since the way before failed",
        "+1 Text to Alice Archer sent",
    ]
    method = mail_method(world)
    assert (method.disabled_at, method.disabled_reason) == (world.clock(), f"{NO_SUCH} (5.1.1)")


def test_a_page_that_comes_back_is_sent_another_way_at_once_and_its_address_is_off(
    world: World, server: MailServer
) -> None:
    page_comes_back(world, server)
    assert notices(world) == [
        f"Emails to “mail” (alice@example.com) are off: {NO_SUCH} (5.1.1). Pages go to your other contact methods. "
        "To mend it, send it a new code on My on-call, or add another contact method."
    ]

    hand_in(world, EXCHANGE, server.senders[0])
    assert len(notices(world)) == 1, "it is told once"
    world.reply(ALICE, "ack")


def test_the_same_on_postgresql(postgres_settings: Settings, server: MailServer, free_port: Callable[[], int]) -> None:
    with by_mail(postgres_settings, server, free_port()) as world:
        page_comes_back(world, server)
        world.reply(ALICE, "ack")


def test_capitals_that_were_changed_on_the_way_do_no_harm(world: World, server: MailServer) -> None:
    hand_in(world, postfix(), fire(world, server).upper(), "mailer-daemon@example.net")
    assert mail_method(world).disabled_at is not None
    assert world.numbers_texted() == [ALICE, ALICE]
    world.reply(ALICE, "ack")


def test_a_server_that_gave_up_for_now_leaves_the_address_on(world: World, server: MailServer) -> None:
    hand_in(world, GMAIL, fire(world, server))

    assert world.numbers_texted() == [ALICE]
    assert "+0 Email to Alice Archer failed: The mail server gave up trying to deliver it (4.4.2)" in world.story()
    assert mail_method(world).disabled_at is None
    world.reply(ALICE, "ack")


def test_a_server_that_is_still_trying_is_told_of_once_and_may_succeed(world: World, server: MailServer) -> None:
    returns_to, before = fire(world, server), counted("sent")
    for _ in range(2):
        hand_in(world, postfix("delayed", "4.4.1"), returns_to)
    world.advance(minutes=2)
    hand_in(world, postfix("delivered", "2.0.0"), returns_to)
    hand_in(world, postfix("delayed", "4.4.7"), returns_to)

    assert world.story()[-3:] == [
        "+0 Email to Alice Archer sent",
        "+0 Late: email to Alice Archer. The mail server is still trying (4.4.1)",
        "+2 Email to Alice Archer delivered in 2 min",
    ]
    assert counted("sent") == before + 3
    world.clear()


def test_a_mail_about_several_alerts_is_late_for_each_of_them(world: World, server: MailServer) -> None:
    for number in range(1, 13):
        world.fire(f"Disk full on db{number}", key=f"db{number}")
    world.advance(minutes=2)
    subject = server.take()[-1]["Subject"]

    hand_in(world, postfix("delayed", "4.4.1"), server.senders[-1])

    late = [number for number in range(1, 13) if any(" Late: email" in line for line in world.story(number))]
    assert subject.startswith(f"CRITICAL {len(late)} alerts on web")
    world.reply(ALICE, "ack all")


def test_out_of_office_notes_change_nothing_and_are_counted(world: World, server: MailServer) -> None:
    returns_to, before = fire(world, server), counted("other")
    story = world.story()

    assert hand_in(world, OUT_OF_OFFICE, returns_to, "alice@example.com") == {}

    assert (world.story(), counted("other")) == (story, before + 1)
    world.clear()


@pytest.mark.parametrize("mail", [postfix("failed", "", ""), b"no headers at all", b"Content-Type: \xff\r\n\r\n"])
def test_what_can_not_be_read_is_taken_and_logged_once(world: World, server: MailServer, mail: bytes) -> None:
    """Refused, it would only trouble whoever runs the other mail server."""
    returns_to = fire(world, server)
    story = world.story()

    with capture_logs() as logs:
        assert hand_in(world, mail, returns_to) == {}

    assert [each["event"] for each in logs if "report" in each["event"]] == ["mail.unreadable_report"]
    assert world.story() == story
    world.clear()


def test_an_address_that_is_not_ours_to_the_letter_is_refused(world: World, server: MailServer) -> None:
    local = fire(world, server).partition("@")[0]
    number, _, signature = local.removeprefix("bounce+").partition("-")
    forged = [f"{int(number) + 1}-{signature}", f"{number}-{'a' * 26}", f"{number}-", number, f"x-{signature}", ""]

    with capture_logs() as logs:
        answers = {refused(world, f"bounce+{token}@{DOMAIN}") for token in forged}

    assert answers == {(550, b"5.1.1 No mail of ours is returned to this address, or it was deleted")}
    assert [each["event"] for each in logs].count("smtp.unknown_return_path") == len(forged)
    assert mail_method(world).disabled_at is None
    world.clear()


def test_a_page_of_ours_that_is_led_to_a_key_does_not_go_round(world: World, server: MailServer) -> None:
    returns_to = fire(world, server)
    assert b"one of our own" in refused(world, f"backups@{DOMAIN}", returns_to)[1]
    assert b"one of our own" in refused(world, returns_to, returns_to)[1]
    world.clear()


def test_a_code_that_comes_back_says_so_where_it_is_asked_for(world: World, server: MailServer) -> None:
    with world.database.transaction() as session:
        home = contacts.add_method(session, find_user(session, "alice"), "home", "email", "alice@exmaple.com")
        contacts.send_code(session, home, world.clock())
    world.settle()

    hand_in(world, postfix(), server.senders[-1])

    assert mail_method(world, "home").disabled_reason == f"{NO_SUCH} (5.1.1)"
    assert notices(world) == [], "they are at it"


def test_a_test_message_that_comes_back_says_so(world: World, server: MailServer) -> None:
    with world.database.transaction() as session:
        send_test(session, session.get_one(ContactMethod, mail_method(world).id), world.clock())
    world.settle()

    hand_in(world, postfix("failed", "5.2.2", "smtp; 552 5.2.2 Over quota"), server.senders[-1])

    test = world.ask(lambda session: last_test(session, mail_method(world)))
    said = "The mail server says that the mailbox is full (5.2.2)"
    assert (test.state, test.error) == (DeliveryState.FAILED, said)
    assert mail_method(world).disabled_at is None


def test_an_address_that_was_confirmed_since_stays_on(world: World, server: MailServer) -> None:
    returns_to = fire(world, server)
    world.clear()
    world.clock.now += timedelta(days=2)
    with world.database.transaction() as session:
        method = session.get_one(ContactMethod, mail_method(world).id)
        method.verified_at = world.clock()
        session.add(method)

    hand_in(world, postfix(), returns_to)

    assert world.story()[-1] == f"+2880 Email to Alice Archer failed: {NO_SUCH} (5.1.1)"
    assert mail_method(world).disabled_at is None


def test_where_no_mail_is_taken_in_everything_is_returned_to_the_sender(settings: Settings, server: MailServer) -> None:
    with by_mail(settings, server, 0) as world:
        assert fire(world, server) == SENDER
        world.clear()


def test_what_is_posted_to_a_team_is_returned_to_the_sender(world: World, server: MailServer) -> None:
    """An address that stands for many may come back for one of them."""
    world.apply(
        "teams: [{name: dev, contact_methods: [{name: list, kind: email, address: dev@example.com}]}]\n"
        'escalation_policies: [{name: dev, steps: [{page: ["team:dev/list"], wait: 5m}]}]'
    )
    assert fire(world, server) == SENDER
    assert world.numbers_texted() == [CAROL], "somebody has to answer"
    world.clear()


def test_who_was_told_by_text_meanwhile_is_not_paged_again(world: World, server: MailServer) -> None:
    returns_to = fire(world, server)
    world.advance(minutes=4)
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")

    hand_in(world, GMAIL, returns_to)

    assert world.texts() == []
