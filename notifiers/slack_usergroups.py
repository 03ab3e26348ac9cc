"""Who is in a Slack user group. Source: https://docs.slack.dev/reference/methods/usergroups.users.update"""

import re
from collections.abc import Sequence

from notifiers.slack_account import SlackAccount

GROUP = re.compile(r"S[A-Z0-9]{6,20}")


def set_members(account: SlackAccount, group: str, members: Sequence[str]) -> None:
    """These and nobody else; Slack takes no empty group. Raises TemporaryFailure or PermanentFailure."""
    from notifiers.slack_client import sending, slack_client

    with sending():
        slack_client(account).usergroups_users_update(usergroup=group, users=list(members))


def usergroup_id(text: str) -> str:
    """The id, also out of a pasted `<!subteam^S…|@name>`. Raises ValueError with a sentence."""
    found = GROUP.fullmatch(text.strip().removeprefix("<!subteam^").rstrip(">").partition("|")[0])
    if found is None:
        raise ValueError(f'"{text}" is no Slack user group: write its ID, such as S0123ABCD, not its @name')
    return found.group()
