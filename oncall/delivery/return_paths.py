"""The address to which mail servers return a mail of ours that they can't deliver (the envelope's sender, RFC 5321).

It is `bounce+<id>-<signature>@<our domain>`: nothing of it is stored. The time is signed too, so that a number which a
restored database gives out again makes no old address work. Letters are small: mail servers may change capitals.
"""

import hmac

from sqlmodel import Session

from notifiers.registry import KINDS
from oncall.auth.signing import Signer
from oncall.models import Delivery
from oncall.settings import Settings

PURPOSE = PREFIX = "bounce"
MOST_DIGITS = 18


def return_path(settings: Settings, signer: Signer, delivery: Delivery) -> str:
    """Empty for what does not come back, and where no mail is taken in. What is posted to a team may be one address for
    many, of whom each may be away for good: none of them tells anything of the others.
    """
    is_ours = KINDS[delivery.kind].is_returned and delivery.team_contact_method_id is None
    if not settings.smtp_listen or not is_ours:
        return ""
    return f"{PREFIX}+{delivery.id}-{signer.sign_in_any_case(PURPOSE, _signed(delivery))}@{settings.email_domain}"


def is_return_path(local: str) -> bool:
    """Whether what stands before the @ looks like one."""
    return local.lower().startswith(f"{PREFIX}+")


def find_returned(session: Session, signer: Signer, local: str) -> int | None:
    """The delivery that the address is of. None: a forged one, or its delivery is deleted."""
    number, _, signature = local.lower().removeprefix(f"{PREFIX}+").partition("-")
    is_number = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    delivery = session.get(Delivery, int(number)) if is_number else None
    if delivery is None:
        return None
    genuine = signer.sign_in_any_case(PURPOSE, _signed(delivery))
    return delivery.id if hmac.compare_digest(genuine.encode(), signature.encode()) else None


def _signed(delivery: Delivery) -> str:
    return f"{delivery.id} {int(delivery.created_at.timestamp())}"
