"""Reports of mail servers about mails of ours: what each says of the message and of the address."""

from email import message_from_bytes
from email.policy import compat32

import pytest

from notifiers.base import StatusReport
from notifiers.email_report import read_report
from tests.bounces import EXCHANGE, FORWARDED, GMAIL, OUT_OF_OFFICE, READ_RECEIPT, postfix


def read(mail: bytes) -> StatusReport | None:
    return read_report(message_from_bytes(mail, policy=compat32))


def failed(error: str, *, permanent: bool = True, bad_address: bool = False) -> StatusReport:
    return StatusReport("", "failed", error, permanent, bad_address)


@pytest.mark.parametrize(
    ("mail", "report"),
    [
        (postfix(), failed("The mail server says that there is no such address (5.1.1)", bad_address=True)),
        (EXCHANGE, failed("The mail server says that there is no such address (5.1.10)", bad_address=True)),
        (GMAIL, failed("The mail server gave up trying to deliver it (4.4.2)", permanent=False)),
        (postfix("delayed", "4.4.1"), StatusReport("", "sent", late="The mail server is still trying (4.4.1)")),
        (postfix("delivered", "2.0.0"), StatusReport("", "delivered")),
        (postfix("relayed", "2.0.0"), StatusReport("", "sent")),
        (postfix("expanded", "2.1.5"), StatusReport("", "sent")),
    ],
    ids=["Postfix", "Exchange", "Gmail", "delayed", "delivered", "relayed", "expanded"],
)
def test_what_a_report_says(mail: bytes, report: StatusReport) -> None:
    assert read(mail) == report


@pytest.mark.parametrize(
    ("status", "diagnostic", "said", "is_gone"),
    [
        ("5.2.1", "", "says that the mailbox is switched off (5.2.1)", True),
        ("5.4.4", "X-Postfix; Host not found", "says that the address's domain takes no mail (5.4.4)", True),
        ("5.4.1", "smtp; 550 5.4.1 Access denied", "says that there is no such address (5.4.1)", True),
        ("5.2.2", "smtp; 552 5.2.2 Over quota", "says that the mailbox is full (5.2.2)", False),
        ("5.3.4", "", "says that the mail is too large (5.3.4)", False),
        ("5.7.1", "smtp; 550 5.7.1 Blocked", "refuses our mails (5.7.1)", False),
        ("5.1.8", "smtp; 550 5.1.8 Sender's domain unknown", "could not deliver it (5.1.8)", False),
        ("5.6.0 (content)", "", "could not deliver it (5.6.0)", False),
        ("5.0.0", "smtp; 550-5.1.1 No such user", "says that there is no such address (5.1.1)", True),
        ("5.0.0", "smtp; 550 Unknown user", "says that there is no such address (5.0.0)", True),
        ("5.0.0", "smtp; 550 5.7.1 Blocked", "refuses our mails (5.7.1)", False),
        ("5.0.0", "X-Local; 500", "could not deliver it (5.0.0)", False),
        ("none", "SMTP;554 No", "could not deliver it (5.0.0)", False),
    ],
)
def test_an_address_is_given_up_for_what_only_its_owner_can_mend(
    status: str, diagnostic: str, said: str, is_gone: bool
) -> None:
    """What stands in the way of all our mails, or of this one, is not the address's."""
    assert read(postfix("failed", status, diagnostic)) == failed(f"The mail server {said}", bad_address=is_gone)


def test_one_of_several_people_behind_an_address_is_enough() -> None:
    gone = b"Action: failed\r\nStatus: 5.1.1\r\n\r\n"
    reached = b"Action: Delivered (to mailbox)\r\nStatus: 2.0.0\r\n\r\n"
    head = b'Subject: x\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
    fields = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"

    assert read(head + fields + gone + reached + b"--b--\r\n") == StatusReport("", "delivered")


@pytest.mark.parametrize("mail", [OUT_OF_OFFICE, READ_RECEIPT, FORWARDED], ids=["away", "read", "forwarded"])
def test_other_mails_are_no_reports(mail: bytes) -> None:
    assert read(mail) is None


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (postfix("lost"), "an action that we don't know"),
        (postfix("failed", "2.0.0"), "the status of a success"),
        (postfix("failed", "", ""), "no status"),
        (postfix().replace(b"Action: ", b"Deed: "), "tells of no recipient"),
        (b"Subject: x\r\nContent-Type: message/delivery-status\r\n\r\n", "tells of no recipient"),
    ],
)
def test_a_report_that_is_broken_says_how(mail: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(mail)
