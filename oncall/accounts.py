"""With whom we can send, as the settings say."""

from notifiers.kind import Accounts
from notifiers.twilio_client import TwilioAccount
from oncall.settings import Settings


def accounts_of(settings: Settings) -> Accounts:
    return Accounts(twilio=_twilio(settings))


def _twilio(settings: Settings) -> TwilioAccount | None:
    if not settings.has_twilio:
        return None
    return TwilioAccount(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        from_number=settings.twilio_from,
        base_url=settings.twilio_base_url,
        timeout_seconds=settings.send_timeout,
    )
