"""What receivers of our webhooks need to know."""

import typer

from notifiers.webhook_signature import as_secret
from oncall.auth.signing import Signer
from oncall.cli.session import writing
from oncall.delivery.accounts import webhook_key


def secret() -> None:
    """Print the secret by which receivers check that a webhook is from here (see notifiers/webhook.md)."""
    with writing() as desk:
        typer.echo(as_secret(webhook_key(desk.settings, Signer.of(desk.session, desk.settings))))
