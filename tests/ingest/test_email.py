"""Mails as monitoring writes them: what alert they are about, and what of them people read."""

import base64
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import email
from oncall.ingest.letter import read_letter
from oncall.ingest.reading import BadEvent, Inbound
from oncall.ingest.tool import problem_with
from oncall.models import Severity

NAGIOS = "** PROBLEM Service Alert: db1/Disk is CRITICAL **"


def mail(subject: str | bytes, body: bytes = b"Free space: 0 MB", headers: bytes = b"") -> bytes:
    raw = subject if isinstance(subject, bytes) else subject.encode("ascii")
    return b"From: Nagios <nagios@db1.example.com>\r\nSubject: " + raw + b"\r\n" + headers + b"\r\n" + body


def parse_all(raw: bytes, tag: str = "", **options: str) -> list[Event]:
    return email.parse(Inbound(raw, options, query={"dedup": tag} if tag else {}))


def parse(raw: bytes, tag: str = "", **options: str) -> Event:
    (event,) = parse_all(raw, tag, **options)
    return event


def key_of(subject: str, **options: str) -> str:
    return parse(mail(subject), **options).dedup_key


def test_a_mail_triggers_with_its_subject() -> None:
    event = parse(mail(NAGIOS))
    assert (event.action, event.summary, event.severity) == (EventAction.TRIGGER, NAGIOS, Severity.CRITICAL)
    assert (event.source, event.details["text"]) == ("nagios@db1.example.com", "Free space: 0 MB")


def test_the_key_says_what_resolves_acknowledges_and_is_no_problem() -> None:
    options = {"resolve": "RECOVERY|RESOLVED", "acknowledge": "ACKNOWLEDGEMENT", "ignore": "downtime"}
    assert parse(mail("** RECOVERY Service Alert: db1/Disk is OK **"), **options).action is EventAction.RESOLVE
    assert parse(mail("** ACKNOWLEDGEMENT: db1/Disk **"), **options).action is EventAction.ACKNOWLEDGE
    assert parse_all(mail("** DOWNTIMESTART: db1/Disk **"), **options) == []


@pytest.mark.parametrize(
    "later",
    [
        "** RECOVERY Service Alert: db1/Disk is OK **",
        "Re: ** PROBLEM Service Alert: db1/Disk is CRITICAL **",
        "FWD: Re[2]: ** PROBLEM Service Alert: db1/Disk is WARNING **",
        "** PROBLEM Service Alert: db1/Disk is CRITICAL ** (3)",
        "[2] ** PROBLEM Service Alert:  db1/Disk is CRITICAL **",
        "** PROBLEM Service Alert: db1/Disk is CRITICAL ** (3 times)",
    ],
)
def test_mails_about_the_same_are_one_alert(later: str) -> None:
    assert key_of(later) == key_of(NAGIOS)


@pytest.mark.parametrize(
    "other",
    ["** PROBLEM Service Alert: db2/Disk is CRITICAL **", "** PROBLEM Host Alert: db1 is DOWN **", "Node #2 failed"],
)
def test_mails_about_others_are_not(other: str) -> None:
    assert key_of(other) not in (key_of(NAGIOS), key_of("Node #1 failed"))


def test_the_address_or_an_option_may_say_what_they_are_about() -> None:
    assert parse(mail(NAGIOS), tag="db1-disk").dedup_key == "db1-disk"
    assert key_of("Backup 4711 on db1 failed", dedup="on (\\S+)") == "db1"
    assert key_of("Backup 4712 on db1 failed", dedup="on \\S+") == "on db1"
    assert key_of("No such words", dedup="on (\\S+)") == "no such words"


@pytest.mark.parametrize(
    ("subject", "severity"),
    [
        ("WARNING: load", Severity.WARNING),
        ("[info] deployed", Severity.INFO),
        ("A warning of low disk space, for your information", Severity.ERROR),
        ("Backup failed", Severity.ERROR),
    ],
)
def test_only_a_word_that_stands_out_says_how_severe_it_is(subject: str, severity: Severity) -> None:
    assert parse(mail(subject)).severity is severity
    assert parse(mail(subject), severity="warning").severity is Severity.WARNING


def test_encoded_subjects_are_read() -> None:
    assert parse(mail("=?utf-8?B?S8O2bG4=?= is =?iso-8859-1?Q?=FCberlastet?=")).summary == "Köln is überlastet"
    assert parse(mail("=?utf-8?Q?Platte?=\r\n =?utf-8?Q?_voll?=")).summary == "Platte voll"
    assert parse(mail("Köln".encode())).summary == "Köln"
    assert parse(mail("Köln".encode("latin-1"))).summary == "Köln"
    assert parse(mail("=?klingon?Q?Qapla?= =?utf-8?B?!?=")).summary.startswith("Qapla")


def test_a_mail_in_html_alone_is_read_as_text() -> None:
    html = "<head><style>p {}</style></head><p>Disk&nbsp;<b>full</b> on db1</p><table><tr><td>97&#37;</td></tr>"
    event = parse(mail("Disk", html.encode(), b"Content-Type: text/html; charset=utf-8\r\n"))
    assert event.details["text"] == "Disk full on db1\n97%"


def test_of_two_forms_the_plain_one_is_read_and_attachments_are_named() -> None:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "a@example.com", "Disk"
    letter.set_content("Disk full on Köln", charset="iso-8859-1", cte="quoted-printable")
    letter.add_alternative("<p>Not this</p>", subtype="html")
    letter.add_attachment(b"\x89PNG" * 9, maintype="image", subtype="png", filename="Graph für db1.png")
    event = parse(letter.as_bytes())
    assert event.details["text"] == "Disk full on Köln"
    assert event.details["attachments"] == ["Graph für db1.png"]


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        (b"Content-Type: text/plain; charset=klingon\r\n", "Köln".encode(), "Köln"),
        (b"Content-Type: text/plain; charset=utf-8\r\n", "Köln".encode("latin-1"), "Köln"),
        (b"Content-Transfer-Encoding: base64\r\n", base64.b64encode(b"Disk full on db1")[:-4], "Disk full on"),
        (b"Content-Transfer-Encoding: 8bit\r\n", b"nul \0 inside", "nul  inside"),
    ],
)
def test_mails_that_break_the_rules_are_read_all_the_same(headers: bytes, body: bytes, text: str) -> None:
    assert parse(mail("x", body, headers)).details["text"].startswith(text)


def test_without_a_subject_the_first_line_says_what_it_is() -> None:
    assert parse(b"From: a@example.com\r\n\r\n\r\nDisk full\r\non db1").summary == "Disk full"


@pytest.mark.parametrize(
    "headers", [b"Auto-Submitted: auto-replied\r\n", b"Content-Type: multipart/report; boundary=x\r\n"]
)
def test_out_of_office_notes_and_bounces_are_no_problem(headers: bytes) -> None:
    assert parse_all(mail("Out of office", headers=headers)) == []


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"just some text", "must be a mail"),
        (b"From: a@example.com\r\n\r\n \r\n", "neither a subject nor a text"),
        (b"Subject: x\r\n\r\n" + b"\n--x" * 6_000, "too many parts"),
        (
            b"Subject: x\r\n"
            + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(700)),
            "nested too deeply",
        ),
    ],
)
def test_what_is_no_mail_to_read_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(BadEvent, match=said):
        email.parse(Inbound(raw))


def test_a_sender_of_nothing_but_brackets_is_read_or_refused() -> None:
    """As the Python's mail reader has it: an error of its own would make the mail server try again and again."""
    with suppress(BadEvent):
        assert parse(b"Subject: x\r\nFrom: " + b"(" * 3_000 + b"\r\n\r\nx").summary == "x"


def test_of_a_header_no_more_is_looked_at_than_a_person_writes() -> None:
    """The library took half a minute over a megabyte of parameters."""
    of_file = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; " + b"a=b; " * 1_000
    assert read_letter(b"Subject: x\r\n" + of_file + b"filename=disk.pdf\r\n\r\n").attachments == ["application/pdf"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"resolve": "("}, "the option resolve is no regular expression of RE2: missing ): ("),
        ({"dedup": "(?=x)"}, "the option dedup is no regular expression of RE2"),
        ({"ignore": "x" * 501}, "the option ignore is longer than 500 characters"),
        ({"severity": "purple"}, "the option severity must be critical, error, warning or info"),
        ({"resolve": "(a+)+$", "severity": "Warning"}, ""),
    ],
)
def test_an_option_that_can_t_work_is_told_before_it_is_kept(options: dict[str, Any], said: str) -> None:
    assert problem_with(email.TOOL, options).startswith(said)
    assert bool(problem_with(email.TOOL, options)) == bool(said)
