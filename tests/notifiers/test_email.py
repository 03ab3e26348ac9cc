"""Emails: handed to a real mail server; what they say, what it refuses, and what that means."""

import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from notifiers.base import Message, Notifier, SendFailure, TemporaryFailure
from notifiers.deadline import Deadline
from notifiers.email import is_this_machine
from notifiers.kind import Accounts, PageFacts
from notifiers.registry import KINDS, notifiers_for
from notifiers.smtp_errors import mailing
from notifiers.smtp_server import EmailAccount, smtp_server
from oncall.clock import monotonic
from tests.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.notifiers.conftest import BEFORE, NOW, page
from tests.system import needs

ALICE = "alice@example.com"
LINK = "https://oncall.example.com/answer/7.signature"
EMAIL = KINDS["email"]
FACTS = PageFacts(12, "Disk full on db1", "web", "critical", "https://oncall.example.com/alerts/12", NOW)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def email(url: str, *, timeout: float = 5.0) -> Notifier:
    sender = "oncall <oncall@oncall.example.com>"
    return notifiers_for(Accounts(email=EmailAccount(smtp_server(url), sender, timeout_seconds=timeout)))["email"]


def to(server: MailServer) -> Notifier:
    return email(f"smtp://127.0.0.1:{server.port}")


def letter(body: str = EMAIL.page(FACTS), **more: str) -> Message:
    return page(ALICE, body, **more)


def failure(notifier: Notifier) -> SendFailure:
    with pytest.raises(SendFailure) as caught:
        notifier.send(letter())
    assert "alice" not in caught.value.reason
    return caught.value


def test_a_page_says_what_where_and_how_bad_before_it_is_opened(server: MailServer) -> None:
    to(server).send(letter(answer_url=LINK))

    (taken,) = server.take()
    assert taken["Subject"] == "CRITICAL web: Disk full on db1 (alert 12)"
    assert (taken["To"], taken["From"]) == (ALICE, "oncall <oncall@oncall.example.com>")
    text = taken.get_body(("plain",)).get_content()
    assert "CRITICAL on web, since 10:00 UTC on 5 Jan 2026" in text
    assert f"Acknowledge, escalate or resolve, without signing in:\r\n{LINK}" in text
    assert "Alert 12: https://oncall.example.com/alerts/12" in text


def test_its_html_says_the_same_and_fetches_nothing(server: MailServer) -> None:
    evil = EMAIL.page(PageFacts(12, "<img src=https://evil.example>", "web", "critical"))
    to(server).send(letter(evil, answer_url=LINK))

    html = server.take()[0].get_body(("html",)).get_content()
    assert f'<a href="{LINK}"' in html
    assert "&lt;img src=https://evil.example&gt;" in html
    assert "<img" not in html


def test_nobody_s_machine_is_asked_to_answer(server: MailServer) -> None:
    to(server).send(letter())

    (taken,) = server.take()
    assert (taken["Auto-Submitted"], taken["Date"]) == ("auto-generated", "Mon, 05 Jan 2026 10:00:00 +0000")


def test_sent_again_it_is_the_same_letter_and_another_one_is_not(server: MailServer) -> None:
    notifier = to(server)
    receipts = [notifier.send(letter()) for _ in range(2)] + [notifier.send(letter("Another\n\npage"))]

    ids = [taken["Message-ID"] for taken in server.take()]
    assert ids == [receipt.provider_id for receipt in receipts]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@oncall.example.com>")


def test_a_page_without_a_link_promises_none(server: MailServer) -> None:
    to(server).send(letter(EMAIL.page(PageFacts(12, "Disk full", "web", "critical"))))

    (taken,) = server.take()
    text = taken.get_body(("plain",)).get_content()
    assert "signing in" not in text
    assert "http" not in text
    assert "since" not in text


def test_a_shadow_is_told_to_do_nothing(server: MailServer) -> None:
    facts = PageFacts(12, "Disk full on db1", "web", "critical", is_shadow=True)
    to(server).send(letter(EMAIL.page(facts)))

    (taken,) = server.take()
    assert taken["Subject"] == "Shadow: CRITICAL web: Disk full on db1 (alert 12)"
    assert "there is nothing to do for you" in taken.get_body(("plain",)).get_content()


def test_notices_and_codes_are_read_in_the_subject(server: MailServer) -> None:
    for body in (EMAIL.notice("Your shift begins at 10:00.\nIt ends on Thursday."), EMAIL.code("123456")):
        to(server).send(letter(body))

    notice, code = server.take()
    assert notice["Subject"] == "Your shift begins at 10:00. It ends on Thursday."
    assert "123456" in code["Subject"]
    assert "Not you? Ignore this message." in code.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "summary",
    [
        "Plattenspeicher voll: Größe 95 %",
        "ディスクがいっぱい 💥",
        "x" * 5000,
        "a\r\nBcc: eve@example.com",
        "=?utf-8?q?=0D=0ABcc:_eve@example.com?=",  # encoded words: the library writes what it decodes
        "Größe =?utf-8?b?DQoNClNpZ24gaW4gYXQgaHR0cDovL2V2ZQ==?=",
        "",
    ],
)
def test_any_summary_makes_one_whole_letter(server: MailServer, summary: str) -> None:
    to(server).send(letter(EMAIL.page(PageFacts(12, summary, "web", "critical"))))

    (taken,) = server.take()
    assert taken["Subject"].startswith("CRITICAL web: ")
    assert len(taken["Subject"]) < 200
    assert taken["Bcc"] is None
    assert " ".join(summary.split()) in " ".join(taken.get_body(("plain",)).get_content().split())


@pytest.mark.parametrize(
    ("command", "answer", "is_permanent", "is_bad_address"),
    [
        ("RCPT", "550 5.1.1 No such user alice", True, True),
        ("RCPT", "553 5.1.3 Bad address", True, True),
        ("RCPT", "550 5.7.1 Relaying denied", True, False),
        ("RCPT", "552 5.2.2 Mailbox full", True, False),
        ("RCPT", "451 4.7.1 Greylisted", False, False),
        ("RCPT", "421 Too busy", False, False),
        ("MAIL", "550 Not you", True, False),
        ("MAIL", "452 Later", False, False),
        ("DATA", "554 Spam", True, False),
        ("DATA", "451 Disk full", False, False),
    ],
)
def test_what_the_server_refuses_is_for_good_or_for_now(
    server: MailServer, command: str, answer: str, is_permanent: bool, is_bad_address: bool
) -> None:
    server.refuse = {command: answer}

    failed = failure(to(server))

    assert (failed.permanent, failed.bad_address, failed.maybe_accepted) == (is_permanent, is_bad_address, False)
    assert answer[:3] in failed.reason
    assert server.taken == []


def test_a_server_that_is_away_is_tried_again(server: MailServer) -> None:
    failed = failure(email("smtp://127.0.0.1:9"))

    assert (failed.permanent, failed.maybe_accepted) == (False, False)
    assert "can't be reached" in failed.reason


def test_a_slow_server_does_not_hold_us_and_may_have_taken_it(server: MailServer) -> None:
    server.dawdle = 3.0

    failed = failure(email(f"smtp://127.0.0.1:{server.port}", timeout=0.4))

    assert (failed.permanent, failed.maybe_accepted) == (False, True)
    assert "did not answer in time" in failed.reason


def test_a_socket_that_runs_out_of_time_before_the_deadline_is_cut_says_the_same() -> None:
    hung_up = smtplib.SMTPServerDisconnected("Connection unexpectedly closed: timed out")
    hung_up.__context__ = TimeoutError("timed out")  # as smtplib has it
    with pytest.raises(TemporaryFailure, match="did not answer in time"), mailing(Deadline(60)):
        raise hung_up


@needs("openssl")
def test_a_slow_server_does_not_hold_us_behind_tls_either(certificate: ssl.SSLContext) -> None:
    with mail_server(certificate) as server:
        server.dawdle, began = 3.0, monotonic()
        failed = failure(email(f"smtp://127.0.0.1:{server.port}", timeout=0.6))

    assert monotonic() - began < 3
    assert (failed.permanent, failed.maybe_accepted) == (False, True)


def test_a_server_that_can_not_be_asked_is_not(server: MailServer) -> None:
    notifier = to(server)
    assert notifier.find(letter(), since=BEFORE) is None
    assert notifier.status("<x@example.com>").state == "sent"


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """Of the mail server, signed by nobody."""
    made = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "certificate.pem", "-subj", "/CN=mail.example.com"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *made],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


@needs("openssl")
def test_what_offers_tls_is_spoken_to_in_it_also_on_this_machine(certificate: ssl.SSLContext) -> None:
    with mail_server(certificate, wants_login=True) as server:
        email(f"smtp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}").send(letter())
        assert server.was_encrypted == [True]
        assert len(server.logins) == 1


@needs("openssl")
def test_a_server_that_speaks_tls_from_the_start(certificate: ssl.SSLContext) -> None:
    with mail_server(certificate, from_the_start=True) as server:
        email(f"smtps://127.0.0.1:{server.port}").send(letter())
        assert len(server.take()) == 1


@needs("openssl")
def test_a_wrong_password_is_for_the_admin_and_not_the_address(certificate: ssl.SSLContext) -> None:
    with mail_server(certificate, wants_login=True) as server:
        failed = failure(email(f"smtp://oncall:wrong@127.0.0.1:{server.port}"))
        assert (failed.permanent, failed.bad_address) == (True, False)
        assert "check ONCALL_SMTP_URL" in failed.reason
        assert "wrong" not in failed.reason


def test_a_server_without_login_is_not_given_the_password(server: MailServer) -> None:
    failed = failure(email(f"smtp://oncall:secret@127.0.0.1:{server.port}"))

    assert failed.permanent
    assert "takes no login" in failed.reason


def test_only_this_machine_may_go_without_tls() -> None:
    assert [is_this_machine(peer) for peer in ("127.0.0.1", "::1", "127.8.8.8")] == [True] * 3
    assert [is_this_machine(peer) for peer in ("10.0.0.1", "192.0.2.1", "fe80::1%eth0")] == [False] * 3


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" alice@Example.COM ", "alice@example.com"),
        ("Alice.Archer+pager@mail.example.com", "Alice.Archer+pager@mail.example.com"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
    ],
)
def test_addresses_are_stored_as_servers_take_them(typed: str, stored: str) -> None:
    assert EMAIL.address(typed) == stored


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is not an email address"),
        ("alice", "is not an email address"),
        ("alice@", "is not an email address"),
        ("alice@localhost", "is not an email address"),
        ("alice@example..com", "is not an email address"),
        ("alice@-example.com", "is not an email address"),
        ("a b@example.com", "is not an email address"),
        ("alice@example.com,bob@example.com", "is not an email address"),
        ("alice@example.com\r\nBcc: eve@example.com", "is not an email address"),
        ("Alice <alice@example.com>", "is not an email address"),
        ("älice@example.com", "letters with accents"),
        ("a" * 65 + "@example.com", "is too long"),
        ("a@" + "b" * 60 + ".example" * 40 + ".com", "is too long"),
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        EMAIL.address(typed)


RETURNS = "bounce+1-signature@alerts.example.com"


def test_what_can_not_be_delivered_is_to_be_returned_to_us_and_not_to_the_sender_shown(server: MailServer) -> None:
    to(server).send(letter(return_path=RETURNS))
    to(server).send(letter())

    assert server.senders == [RETURNS, "oncall@oncall.example.com"]
    assert [taken["From"] for taken in server.take()] == ["oncall <oncall@oncall.example.com>"] * 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_takes_mails_from_one_sender_alone_gets_them_from_that_one(
    server: MailServer, command: str
) -> None:
    server.only_from, server.says_so_at = "oncall@oncall.example.com", command

    to(server).send(letter(return_path=RETURNS))

    assert server.senders == ["oncall@oncall.example.com"]


def test_a_server_that_knows_no_such_sender_gets_it_from_another_and_one_that_is_full_does_not(
    server: MailServer,
) -> None:
    server.refuse = {"RCPT": "450 4.2.2 Mailbox full"}
    with pytest.raises(SendFailure):
        to(server).send(letter(return_path=RETURNS))
    assert server.asked == 1

    server.refuse = {"RCPT": "450 4.1.8 Sender's domain not found"}
    with pytest.raises(SendFailure):
        to(server).send(letter(return_path=RETURNS))
    assert server.asked == 3
