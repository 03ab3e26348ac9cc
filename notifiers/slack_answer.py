"""A sentence for one member alone, after they pressed a button.

Source: https://docs.slack.dev/interactivity/handling-user-interaction (response_url)
"""

from math import ceil
from urllib.parse import urlsplit

import structlog

from notifiers.base import SendFailure
from notifiers.slack_account import SlackAccount

log = structlog.get_logger(__name__)

SLACKS = "https://hooks.slack.com/"


def tell_member(account: SlackAccount, response_url: str, text: str) -> None:
    """Once. What was done stands in the database and is shown by the message itself; failing to say it is logged."""
    if not text or not _is_slacks(response_url, account):
        return
    from slack_sdk.webhook import WebhookClient

    from notifiers.slack_client import quiet, sending

    client = WebhookClient(response_url, timeout=ceil(account.timeout_seconds), retry_handlers=[], logger=quiet)
    try:
        with sending():
            answer = client.send(text=text, response_type="ephemeral", replace_original=False)
    except SendFailure as failure:
        log.info("slack.answer_not_shown", reason=failure.reason)
        return
    if answer.status_code != 200:
        log.info("slack.answer_not_shown", status=answer.status_code)


def _is_slacks(url: str, account: SlackAccount) -> bool:
    """So that no payload makes us post anywhere else."""
    own = urlsplit(account.base_url)
    return url.startswith((SLACKS, f"{own.scheme}://{own.netloc}/"))
