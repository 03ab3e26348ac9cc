"""Socket Mode: buttons and commands fetched from Slack over a connection of ours, where Slack can't reach us.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode. Slack hands each to one of the open connections.
"""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from notifiers.base import SendFailure
from notifiers.slack_account import SlackAccount
from notifiers.slack_client import quiet, sending, slack_client

log = structlog.get_logger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds between attempts at the first connection; later ones are the library's."""

PING_SECONDS = 2.0
"""A connection that is dead counts as such after four of them, and so long buttons do nothing."""

Handle = Callable[[str, dict[str, Any]], dict[str, Any] | None]
"""Given the type ("interactive", "slash_commands") and the payload; gives what is answered, None for nothing."""


class SlackSocket:
    """Keeps one connection from `start` to `stop`. `handle` is called in threads of the library's."""

    def __init__(self, account: SlackAccount, handle: Handle) -> None:
        self._account, self._handle = account, handle
        self._stopping = threading.Event()
        self._client: SocketModeClient | None = None
        self._thread = threading.Thread(target=self._connect, name="oncall-slack", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        if self._client is not None:
            self._client.close()

    @property
    def is_connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def _connect(self) -> None:
        """Slack may be away when we start: try until it is there."""
        self._client = client = SocketModeClient(
            app_token=self._account.app_token,
            web_client=slack_client(self._account),
            logger=quiet,
            ping_interval=PING_SECONDS,
        )
        client.socket_mode_request_listeners.append(self._take)
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            try:
                with sending():
                    client.connect_to_new_endpoint()
                log.info("slack.socket_connected")
                return
            except SendFailure as failure:
                log.warning("slack.socket_not_connected", reason=failure.reason)
            self._stopping.wait(wait)
            wait = min(LONGEST_WAIT, 2 * wait)

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Acknowledged once it is done: what we could not take, Slack sends again or shows as failed."""
        try:
            answer = self._handle(request.type, request.payload)
        except Exception:
            log.exception("slack.event_failed", type=request.type)
            return
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))
