"""The addresses that pages come from, as a vCard (RFC 2426, version 3, which phones of both kinds read)."""

from email.utils import parseaddr
from typing import Any

from icalendar.parser import Contentline, Parameters
from icalendar.prop import vText

from oncall.delivery.accounts import twilio_accounts
from oncall.settings import Settings

NAME = "On-call pager"


def our_addresses(settings: Settings) -> tuple[list[str], str]:
    """Numbers, in the order in which they are used, and the address that mails come from; "" is none."""
    numbers = [account.from_number for account in twilio_accounts(settings)]
    return list(dict.fromkeys(numbers)), parseaddr(settings.email_from)[1]


def our_card(settings: Settings) -> bytes:
    """One contact with all of them, so that a phone lets all of them through."""
    numbers, email = our_addresses(settings)
    lines = [
        b"BEGIN:VCARD",
        b"VERSION:3.0",
        _line("FN", NAME),
        f"N:;{NAME};;;".encode(),
        *(_line("TEL", number, "CELL") for number in numbers),
        *([_line("EMAIL", email, "INTERNET")] if email else []),
        *([_line("URL", settings.public_url)] if settings.public_url else []),
        _line("NOTE", "Pages come from here. Let it through Do Not Disturb."),
        b"END:VCARD",
    ]
    return b"".join(line + b"\r\n" for line in lines)


def _line(name: str, text: str, kind: str = "") -> bytes:
    """Escaped and folded, as calendars' lines are."""
    line: Any = Contentline.from_parts(name, Parameters({"TYPE": kind} if kind else {}), vText(text))
    return bytes(line.to_ical())
