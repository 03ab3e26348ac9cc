"""Slack: a direct message or a channel, with buttons. Source: https://docs.slack.dev/reference/methods/chat.postMessage"""

import re
from typing import TYPE_CHECKING

from notifiers.kind import Accounts, Kind
from notifiers.slack_words import bundle_words, code_words, notice_words, page_words

if TYPE_CHECKING:
    from notifiers.slack_messages import Slack

ADDRESS = re.compile(r"[UWCG][A-Z0-9]{6,20}")


def slack_address(text: str) -> str:
    """A member's or channel's id, also out of a pasted `<@U…>`. Raises ValueError.

    Only in capitals: in small letters a channel's name, such as warroom, could be one.
    """
    found = ADDRESS.fullmatch(text.strip().strip("<@#>").partition("|")[0])
    if found is None:
        raise ValueError(
            "is no Slack id: copy the member ID from the person's Slack profile (U0123ABCD), "
            "or the channel ID from the channel's details (C0123ABCD)"
        )
    return found.group()


def _make(accounts: Accounts) -> "Slack | None":
    """The library is loaded where Slack is set up."""
    account = accounts.slack
    if account is None:
        return None
    from notifiers.slack_client import slack_client
    from notifiers.slack_messages import Slack

    return Slack(slack_client(account), can_answer=account.can_answer)


KIND = Kind(
    name="slack",
    label="Slack message",
    example="U0123ABCD",
    address=slack_address,
    page=page_words,
    bundle=bundle_words,
    notice=notice_words,
    code=code_words,
    make=_make,
    not_set_up="Slack is not set up: set ONCALL_SLACK_BOT_TOKEN",
    updates=True,
)
