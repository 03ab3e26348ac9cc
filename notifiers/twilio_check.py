"""Whether an account at Twilio can do what we need of it: asked of Twilio, and told in one sentence.

Sources: https://www.twilio.com/docs/iam/api/account and
https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from dataclasses import dataclass

from notifiers.twilio_client import TwilioAccount, TwilioClient, asking


@dataclass(frozen=True, slots=True)
class Number:
    can_text: bool
    can_call: bool
    texts_go_to: str
    """Where Twilio posts the texts that come to it; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What Twilio says. `number` None: the account does not have the one that we send from."""

    status: str
    is_trial: bool
    number: Number | None


def look(account: TwilioAccount) -> Seen:
    """Raises TemporaryFailure, with a sentence, where Twilio does not say."""
    with asking():
        client = TwilioClient(account)
        found = client.api.v2010.accounts(account.account_sid).fetch()
        numbers = client.incoming_phone_numbers.list(phone_number=account.from_number, limit=1)
    return Seen(str(found.status), found.type == "Trial", _number(numbers[0]) if numbers else None)


def _number(found: object) -> Number:
    able = getattr(found, "capabilities", None) or {}
    return Number(bool(able.get("sms")), bool(able.get("voice")), getattr(found, "sms_url", None) or "")


def wrong(seen: Seen, our_number: str, sms_webhook: str) -> str:
    """Pure: what is to be mended first; empty where nothing is. `sms_webhook` empty: texts are fetched."""
    if seen.status != "active":
        return f"The account is {seen.status}: see Twilio’s console."
    if seen.number is None:
        return f"The account has no number {our_number}: set ONCALL_TWILIO_FROM to one that it has."
    if not seen.number.can_text or not seen.number.can_call:
        lacking = "text" if seen.number.can_call else "call" if seen.number.can_text else "text or call"
        return f"{our_number} can’t {lacking}: choose a number that can, in Twilio’s console."
    if sms_webhook and seen.number.texts_go_to != sms_webhook:
        goes = f"go to {seen.number.texts_go_to}" if seen.number.texts_go_to else "go nowhere"
        return f"Pages leave, but answers by text {goes}: paste our address at the number, as below."
    return ""


def fine(seen: Seen, our_number: str, sms_webhook: str) -> str:
    """Pure: what is said where nothing is wrong."""
    answers = "answers by text come here" if sms_webhook else "answers by text are fetched"
    trial = " It is a trial account: it reaches only numbers that are verified in Twilio’s console."
    return f"Twilio knows the account, {our_number} can text and call, and {answers}.{trial if seen.is_trial else ''}"
