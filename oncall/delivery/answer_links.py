"""The link by which a page is answered without signing in: bound to one delivery, and so to its person and alert.

Its token is `<id>.<signature>`: nothing secret is stored. Person, alert and time are signed too, so that a number which
the database gives out again makes no old link work.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.auth.signing import Signer
from oncall.errors import Gone, NotFound
from oncall.models import Delivery, User

PURPOSE = "answer"
LASTS = timedelta(days=7)
"""After the delivery was planned; no alert should be open for longer without anybody who can sign in."""
MOST_DIGITS = 18


def token_of(signer: Signer, delivery: Delivery) -> str:
    return f"{delivery.id}.{signer.sign(PURPOSE, _signed(delivery))}"


def find_delivery(session: Session, signer: Signer, token: str, now: datetime) -> Delivery:
    """Whose link it is. Raises NotFound for a token that is not ours, Gone for one that is too old to act by."""
    number, _, signature = token.partition(".")
    is_number = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    delivery = session.get(Delivery, int(number)) if is_number else None
    if delivery is None or delivery.user_id is None or not signer.is_genuine(PURPOSE, _signed(delivery), signature):
        raise NotFound("This link is not whole, or what it is about is gone. Open it again from the message.")
    if now - delivery.created_at > LASTS:
        raise Gone(f"This link worked for {LASTS.days} days. Sign in to see alert #{delivery.alert_id}.")
    if session.get_one(User, delivery.user_id).retired_at is not None:
        raise Gone("This link belongs to somebody who has retired. Whoever is on call can answer the alert.")
    return delivery


def _signed(delivery: Delivery) -> str:
    return f"{delivery.id} {delivery.user_id} {delivery.alert_id} {int(delivery.created_at.timestamp())}"
