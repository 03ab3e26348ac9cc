"""Socket Mode's end in this service: the same handlers as the signed callbacks have."""

from typing import TYPE_CHECKING, Any

import structlog

from notifiers.slack_account import SlackAccount
from notifiers.slack_answer import tell_member
from notifiers.slack_callback import Command, Press, read_command, read_press
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.process.wake import Wake
from oncall.slack import answers

if TYPE_CHECKING:
    from notifiers.slack_socket import SlackSocket

log = structlog.get_logger(__name__)


class SocketAnswers:
    """Takes what Slack hands over, in a transaction each; the engine is woken after it."""

    def __init__(self, account: SlackAccount, database: Database, clock: Clock, wake: Wake) -> None:
        self._account, self._database, self._clock, self._wake = account, database, clock, wake

    def __call__(self, kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        try:
            typed = read_command(payload) if kind == "slash_commands" else None
            pressed = read_press(payload) if kind == "interactive" else None
        except ValueError as error:
            log.warning("slack.event_not_understood", type=kind, reason=str(error))
            return None
        if typed is not None:
            return self._command(typed)
        if pressed is not None:
            self._press(pressed)
        return None

    def _command(self, typed: Command) -> dict[str, Any]:
        with self._database.transaction() as session:
            said = answers.command(session, typed, self._clock())
        self._wake.set()
        return {"response_type": "ephemeral", "text": said}

    def _press(self, pressed: Press) -> None:
        with self._database.transaction() as session:
            said = answers.press(session, pressed, self._clock())
        self._wake.set()
        tell_member(self._account, pressed.response_url, said)


def socket_of(account: SlackAccount | None, database: Database, clock: Clock, wake: Wake) -> "SlackSocket | None":
    """None unless Slack is set up with an app-level token."""
    if account is None or not account.app_token:
        return None
    from notifiers.slack_socket import SlackSocket

    return SlackSocket(account, SocketAnswers(account, database, clock, wake))
