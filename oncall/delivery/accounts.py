"""With whom we can send, as the settings say."""

from dataclasses import replace

from notifiers.apprise_account import AppriseAccount
from notifiers.irc_account import IrcAccount
from notifiers.kind import Accounts
from notifiers.slack_account import SlackAccount
from notifiers.smtp_server import EmailAccount, smtp_server
from notifiers.twilio_accounts import fallback_accounts
from notifiers.twilio_client import TwilioAccount
from notifiers.twilio_inbox import TwilioInbox
from notifiers.webhook_signature import WebhookAccount, secret_bytes
from oncall.auth.signing import Signer
from oncall.settings import Settings


def accounts_of(settings: Settings, signer: Signer) -> Accounts:
    return Accounts(
        twilio=twilio_accounts(settings),
        irc=_irc(settings),
        email=_email(settings),
        webhook=_webhook(settings, signer),
        apprise=AppriseAccount(settings.allow_private_addresses, settings.send_timeout),
        slack=slack_account(settings),
    )


def twilio_accounts(settings: Settings) -> tuple[TwilioAccount, ...]:
    """In the order in which they are used."""
    if not settings.has_twilio:
        return ()
    first = TwilioAccount(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        from_number=settings.twilio_from,
        base_url=settings.twilio_base_url,
    )
    others = fallback_accounts(settings.twilio_fallbacks.get_secret_value())
    return tuple(replace(each, timeout_seconds=settings.send_timeout) for each in (first, *others))


def accounts_by_kind(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The accounts of each kind that is sent over accounts, in order."""
    names = tuple(account.name for account in twilio_accounts(settings))
    return dict.fromkeys(("sms", "voice"), names) if names else {}


def accounts_of_kind(settings: Settings, kind: str) -> tuple[str, ...]:
    """In order; a kind without accounts is its own."""
    return accounts_by_kind(settings).get(kind, (kind,))


def inboxes(settings: Settings) -> list[TwilioInbox]:
    """Those whose texts we must fetch, since they can't be posted to us."""
    return [] if settings.public_url else [TwilioInbox(account) for account in twilio_accounts(settings)]


def _irc(settings: Settings) -> IrcAccount | None:
    if not settings.irc_server:
        return None
    host, _, port = settings.irc_server.rpartition(":")
    return IrcAccount(
        host=host.strip("[]"),
        port=int(port),
        nick=settings.irc_nick,
        channel=settings.irc_channel,
        tls=settings.irc_tls,
        password=settings.irc_password.get_secret_value(),
        server_password=settings.irc_server_password.get_secret_value(),
        identified_only=settings.irc_identified_only,
        line_seconds=settings.irc_line_seconds,
        timeout_seconds=settings.send_timeout,
    )


def _email(settings: Settings) -> EmailAccount | None:
    if not settings.has_email:
        return None
    return EmailAccount(
        server=smtp_server(settings.smtp_url.get_secret_value()),
        sender=settings.email_from,
        is_insecure=settings.smtp_insecure,
        timeout_seconds=settings.send_timeout,
    )


def webhook_key(settings: Settings, signer: Signer) -> bytes:
    secret = settings.webhook_secret.get_secret_value()
    return secret_bytes(secret) if secret else signer.key("webhook")


def _webhook(settings: Settings, signer: Signer) -> WebhookAccount:
    return WebhookAccount(
        key=webhook_key(settings, signer),
        may_be_private=settings.allow_private_addresses,
        timeout_seconds=settings.send_timeout,
    )


def slack_account(settings: Settings) -> SlackAccount | None:
    if not settings.has_slack:
        return None
    return SlackAccount(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        can_answer=settings.slack_can_answer,
        base_url=settings.slack_base_url,
        timeout_seconds=settings.send_timeout,
    )
