"""Settings of the ways to reach people: half of them, or wrong ones, refuse to start and never show a password."""

import pytest

from oncall.auth.signing import Signer
from oncall.delivery.accounts import accounts_of, webhook_key
from oncall.errors import SetupError
from oncall.settings import load_settings
from tests.conftest import make_settings

SIGNER = Signer("a secret that only the tests know")
MAIL = {"smtp_url": "smtp://oncall:s%2Fecret@mail.example.com", "email_from": "Oncall <oncall@Example.com>"}
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_url": "smtp://mail.example.com"}, "smtp_url and email_from need each other"),
        ({"email_from": "oncall@example.com"}, "smtp_url and email_from need each other"),
        (MAIL | {"smtp_url": "mail.example.com"}, "ONCALL_SMTP_URL: must name a scheme and a host"),
        (MAIL | {"smtp_url": "smtp://"}, "ONCALL_SMTP_URL: must name a scheme and a host"),
        (MAIL | {"smtp_url": "http://mail.example.com"}, "ONCALL_SMTP_URL: must name a scheme and a host"),
        (MAIL | {"smtp_url": "smtp://mail.example.com:mail"}, "ONCALL_SMTP_URL: can't be read"),
        (MAIL | {"smtp_url": "smtp://a:hidden/b@mail.example.com"}, "ONCALL_SMTP_URL: "),
        (MAIL | {"smtp_url": "smtp://alice@mail.example.com"}, "a user without a password"),
        (MAIL | {"smtp_url": "smtp://alice:hidd%C3%A9n@mail.example.com"}, "not ASCII"),
        (MAIL | {"email_from": "oncall"}, "ONCALL_EMAIL_FROM: must be an address"),
        (MAIL | {"email_from": "a@example.com\nBcc: b@example.com"}, "ONCALL_EMAIL_FROM: must be an address"),
        ({"webhook_secret": "hidden"}, "ONCALL_WEBHOOK_SECRET: must be whsec_"),
    ],
)
def test_what_can_not_work_refuses_to_start(given: dict[str, str], said: str) -> None:
    with pytest.raises(SetupError) as refused:
        load_settings(_env_file=None, **given)
    assert said in refused.value.detail
    assert "hidd" not in refused.value.detail


def test_a_mail_server_is_read_from_its_address() -> None:
    email = accounts_of(make_settings("sqlite:///unused.db", **MAIL), SIGNER).email

    assert email is not None
    server = email.server
    assert (server.host, server.port, server.is_tls) == ("mail.example.com", 587, False)
    assert (server.user, server.password, email.sender) == ("oncall", "s/ecret", "Oncall <oncall@example.com>")
    assert "ecret" not in repr(email)


@pytest.mark.parametrize(("url", "port"), [("smtps://mail.example.com", 465), ("smtps://mail.example.com:2465", 2465)])
def test_a_mail_server_that_speaks_tls_from_the_start(url: str, port: int) -> None:
    email = accounts_of(make_settings("sqlite:///unused.db", **MAIL | {"smtp_url": url}), SIGNER).email

    assert email is not None
    assert (email.server.port, email.server.is_tls, email.server.user) == (port, True, "")


def test_without_settings_there_is_no_email_but_webhooks_are_signed() -> None:
    accounts = accounts_of(make_settings("sqlite:///unused.db"), SIGNER)

    assert accounts.email is None
    assert accounts.webhook is not None
    assert accounts.webhook.key == SIGNER.key("webhook")
    assert not accounts.webhook.may_be_private
    assert accounts.apprise is not None
    assert not accounts.apprise.may_be_private


def test_the_key_of_webhooks_can_be_set() -> None:
    settings = make_settings("sqlite:///unused.db", webhook_secret=OTHER_SECRET)

    assert webhook_key(settings, SIGNER) != SIGNER.key("webhook")
    assert webhook_key(settings, SIGNER) == webhook_key(settings, Signer("another"))
