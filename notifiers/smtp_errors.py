"""What goes wrong with a mail server as our failures. Sources: RFC 5321 §4.2 (codes), RFC 3463 (enhanced codes)

The server's own wording is left out: it quotes the address.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from notifiers.base import PermanentFailure, SendFailure, TemporaryFailure
from notifiers.deadline import Deadline

NO_SUCH_ADDRESS = {550, 551, 553}
POLICY = b"5.7."
"""The enhanced codes of a server that refuses us (relaying, a block list), which the address can't help."""

SENDER = re.compile(rb"\b(?:[45]\.1\.[78]|5\.7\.\d+)\b")
"""The enhanced codes of a server that may take the same mail from another sender, such as the one that logged in."""


@dataclass
class Progress:
    """How far it has come: once the message is on its way, silence does not mean that it was not taken."""

    is_sending: bool = False


@contextmanager
def mailing(deadline: Deadline) -> Iterator[Progress]:
    """Tells what goes wrong inside as a TemporaryFailure or PermanentFailure."""
    progress = Progress()
    try:
        yield progress
    except smtplib.SMTPRecipientsRefused as error:
        (answer,) = error.recipients.values()
        raise refused("the address", *answer, is_recipient=True) from None
    except smtplib.SMTPAuthenticationError as error:
        raise refused("our login (check ONCALL_SMTP_URL)", error.smtp_code) from None
    except smtplib.SMTPSenderRefused as error:
        raise refused("our sender (check ONCALL_EMAIL_FROM)", error.smtp_code) from None
    except smtplib.SMTPResponseException as error:
        raise refused("the message", error.smtp_code) from None
    except ssl.SSLCertVerificationError:
        raise TemporaryFailure("The mail server's certificate can't be verified: mend it or check its name") from None
    except OSError as error:
        if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
            raise PermanentFailure("The mail server takes no login like ours: check ONCALL_SMTP_URL") from None
        timed_out = any(isinstance(each, TimeoutError) for each in (error, error.__context__))  # a socket may be first
        what = "did not answer in time" if timed_out or deadline.has_passed else "can't be reached, or hung up"
        raise TemporaryFailure(f"The mail server {what}", maybe_accepted=progress.is_sending) from None


def refuses_sender(error: smtplib.SMTPException) -> bool:
    """Whether it may be the envelope's sender that the server does not like. Many only say so of the recipient."""
    answers = list(error.recipients.values()) if isinstance(error, smtplib.SMTPRecipientsRefused) else []
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        answers = [(error.smtp_code, said if isinstance(said, bytes) else said.encode())]
    is_at_once = isinstance(error, smtplib.SMTPSenderRefused)
    return any((is_at_once and code >= 500) or SENDER.search(text) for code, text in answers)


def refused(what: str, code: int, text: bytes = b"", *, is_recipient: bool = False) -> SendFailure:
    """The failure that a server's answer means."""
    if 500 <= code < 600:
        is_bad = is_recipient and code in NO_SUCH_ADDRESS and POLICY not in text
        return PermanentFailure(f"The mail server refused {what} ({code})", bad_address=is_bad)
    return TemporaryFailure(f"The mail server did not take {what} for now ({code})")
