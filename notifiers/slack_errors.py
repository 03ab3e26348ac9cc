"""Slack's error codes as failures that say what to do.

Source: the errors of https://docs.slack.dev/reference/methods/chat.postMessage, conversations.open and
usergroups.users.update. Note that `account_inactive` is about our own token, not about the person.
"""

import re

from notifiers.base import PermanentFailure, SendFailure, TemporaryFailure

TOKEN = "check ONCALL_SLACK_BOT_TOKEN"  # noqa: S105 the name of a setting

BAD_ADDRESS = {
    "channel_not_found": "Slack knows no such member or channel, or our app may not see it",
    "user_not_found": "Slack knows no such member",
    "users_not_found": "Slack knows no such member",
    "user_disabled": "the Slack member's account is deactivated",
    "is_archived": "the Slack channel is archived",
    "cannot_dm_bot": "the Slack member is a bot",
}
"""Nothing else will reach that address either: it is its owner's to mend."""

PERMANENT = {
    "not_in_channel": "our Slack app is not in that channel; invite it there",
    "restricted_action": "the Slack workspace does not let our app post there",
    "restricted_action_read_only_channel": "the Slack channel is read-only",
    "msg_too_long": "the message is too long for Slack",
    "message_not_found": "the Slack message is gone",
    "cant_update_message": "the Slack message is not ours to change",
    "edit_window_closed": "the Slack message is too old to change",
    "no_such_subteam": "Slack knows no such user group",
    "subteam_not_found": "Slack knows no such user group",
    "permission_denied": "our Slack app may not change user groups; see the workspace's settings",
    "invalid_users": "Slack can't put one of the members into the user group, such as a guest",
    "plan_upgrade_required": "the Slack workspace's plan has no user groups",
    "missing_scope": "our Slack app lacks a scope; see notifiers/slack.md",
    "not_allowed_token_type": f"Slack wants another kind of token; {TOKEN}",
    "invalid_auth": f"Slack refused our token; {TOKEN}",
    "not_authed": f"Slack refused our token; {TOKEN}",
    "token_revoked": f"our Slack token was revoked; {TOKEN}",
    "token_expired": f"our Slack token has expired; {TOKEN}",
    "account_inactive": f"our Slack app or its workspace was removed; {TOKEN}",
}
"""The same message fails again, through no fault of the address: the next contact method is used."""

TEMPORARY = {
    "ratelimited": "Slack's rate limit was met",
    "rate_limited": "Slack's rate limit was met",
    "message_limit_exceeded": "the Slack workspace's message limit was met",
    "request_timeout": "Slack did not read our request in time",
    "service_unavailable": "Slack is away",
    "team_added_to_org": "the Slack workspace is being moved",
}
MAYBE_ACCEPTED = {
    "internal_error": "Slack had an internal error",
    "fatal_error": "Slack had an internal error",
}
"""Slack says that some of the operation may have been done before the error."""

CODE = re.compile(r"[a-z0-9_]{1,60}")


def failure_for(code: str, status: int = 200, retry_after: float = 0.0) -> SendFailure:
    """The failure that Slack's error `code` means; `status` is the HTTP status, `retry_after` seconds."""
    if status == 429 or code in TEMPORARY:
        reason = TEMPORARY.get(code, TEMPORARY["ratelimited"])
        return TemporaryFailure(_sentence(reason, code), retry_after=retry_after)
    if code in BAD_ADDRESS:
        return PermanentFailure(_sentence(BAD_ADDRESS[code], code), bad_address=True)
    if code in PERMANENT:
        return PermanentFailure(_sentence(PERMANENT[code], code))
    if code in MAYBE_ACCEPTED:
        return TemporaryFailure(_sentence(MAYBE_ACCEPTED[code], code), maybe_accepted=True)
    if status >= 500:
        return TemporaryFailure(f"Slack has trouble (HTTP {status})", maybe_accepted=status != 503)
    if CODE.fullmatch(code):
        return PermanentFailure(f"Slack refused the message ({code})")
    return TemporaryFailure("Slack's answer could not be read", maybe_accepted=True)


def _sentence(reason: str, code: str) -> str:
    known = f" (Slack: {code})" if CODE.fullmatch(code) else ""
    return f"{reason[0].upper()}{reason[1:]}{known}"
