"""Email addresses as people write them and as mail servers take them."""

import re
from email.utils import formataddr, parseaddr

LONGEST = 254
LONGEST_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NO_ADDRESS = "is not an email address: write one like alice@example.com"


def mail_address(text: str) -> str:
    """With its domain in lower case and ASCII. Raises ValueError with the end of a sentence about the address."""
    local, _, domain = text.strip().rpartition("@")
    ascii_domain = _in_ascii(domain.lower())
    labels = ascii_domain.split(".")
    is_domain = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    if not local.isascii() and is_domain:
        raise ValueError("can't be used: letters with accents can only stand after the @")
    if not is_domain or not _LOCAL.fullmatch(local):
        raise ValueError(NO_ADDRESS)
    address = f"{local}@{ascii_domain}"
    if len(local) > LONGEST_LOCAL or len(address) > LONGEST:
        raise ValueError(
            f"is too long: an email address has at most {LONGEST} characters, {LONGEST_LOCAL} before the @"
        )
    return address


def mail_sender(text: str) -> str:
    """What may stand in From: an address, or a name with an address in <>. Raises ValueError with what to write."""
    name, address = parseaddr(text if text.isprintable() else "")
    try:
        return formataddr((name, mail_address(address)))
    except ValueError:
        raise ValueError("must be an address, such as oncall@example.com or oncall <oncall@example.com>") from None


def _in_ascii(domain: str) -> str:
    """As it is asked for in the DNS; empty where it can't be."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""
