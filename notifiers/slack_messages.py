"""Messages in Slack: sent, found again, brought up to date.

Source: https://docs.slack.dev/reference/methods/chat.postMessage
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from slack_sdk import WebClient

from notifiers.base import Message, PermanentFailure, Receipt, Standing, StatusReport
from notifiers.slack_client import sending
from notifiers.slack_words import page_blocks, shown

OURS = "oncall_delivery"
"""The type of the metadata by which a message of ours is known again."""
LOOKED_THROUGH = 200
"""The newest messages of a conversation, for one whose answer was lost."""


class Slack:
    """A message is known again by our delivery's number in its metadata; its provider id is `channel:ts`."""

    name = "slack"

    def __init__(self, client: WebClient, *, can_answer: bool) -> None:
        self._client, self._can_answer = client, can_answer

    def send(self, message: Message) -> Receipt:
        """Once Slack has taken it, it stands in the conversation: delivered."""
        with sending():
            answer = self._client.chat_postMessage(
                channel=message.to,
                metadata={"event_type": OURS, "event_payload": {"delivery": message.reference}},
                unfurl_links=False,
                unfurl_media=False,
                **self._content(message, None),
            )
            return Receipt(f"{answer['channel']}:{answer['ts']}", delivered=True)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None, too, where our app may not read the conversation: a page twice is better than none."""
        try:
            with sending():
                channel = self._conversation(message.to)
                answer = self._client.conversations_history(
                    channel=channel,
                    oldest=str(int(since.timestamp())),
                    limit=LOOKED_THROUGH,
                    include_all_metadata=True,
                )
                messages: list[dict[str, Any]] = answer["messages"]
        except PermanentFailure:
            return None
        mine = (each for each in messages if _delivery(each) == message.reference)
        return next((Receipt(f"{channel}:{each['ts']}", delivered=True) for each in mine), None)

    def status(self, provider_id: str) -> StatusReport:
        return StatusReport(provider_id, "delivered")

    def update(self, message: Message, provider_id: str, standing: Standing) -> None:
        channel, _, ts = provider_id.partition(":")
        with sending():
            self._client.chat_update(channel=channel, ts=ts, **self._content(message, standing))

    def _content(self, message: Message, standing: Standing | None) -> dict[str, Any]:
        blocks = page_blocks(message.body, message.answers, standing, with_buttons=self._can_answer)
        return {"text": shown(message.body, standing), "blocks": blocks}

    def _conversation(self, address: str) -> str:
        """A member's direct messages with us have an id of their own."""
        if address[0] not in "UW":
            return address
        channel: str = self._client.conversations_open(users=address)["channel"]["id"]
        return channel


def _delivery(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    return metadata.get("event_payload", {}).get("delivery") if metadata.get("event_type") == OURS else None
