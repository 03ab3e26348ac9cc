"""What a Slack message says and which buttons it has. Source: https://docs.slack.dev/block-kit"""

from typing import Any

from notifiers.base import Standing
from notifiers.gsm7 import tidy
from notifiers.kind import PageFacts

MOST_SUMMARY = 1_000
MOST_TEXT = 2_900
"""Of the 3,000 characters that a section takes; the rest is for what escaping adds."""
NO_SUMMARY = "(no summary)"

BUTTONS = {"acknowledge": "Acknowledge", "escalate": "Escalate", "resolve": "Resolve"}
"""By action_id: what notifiers/slack_callback.py reads back."""
OFFERED = {
    "triggered": ("acknowledge", "escalate", "resolve"),
    "acknowledged": ("resolve", "escalate"),
    "resolved": (),
}
"""Buttons by how the alert stands, the likeliest first."""
MARKS = {"triggered": "🔴", "acknowledged": "👀", "resolved": "✅"}

Blocks = list[dict[str, Any]]


def page_words(facts: PageFacts) -> str:
    """`CRITICAL web: Disk full on db1`, and below it the alert's number and page."""
    summary = tidy(facts.summary)[:MOST_SUMMARY] or NO_SUMMARY
    shadow = "Shadow: " if facts.is_shadow else ""
    after = ", nothing to do for you" if facts.is_shadow else ""
    below = f"Alert {facts.number}{after} {facts.link}".strip()
    return f"{shadow}{tidy(facts.severity.upper())} {tidy(facts.service)}: {summary}\n{below}"


def notice_words(text: str) -> str:
    return text.strip()[:MOST_TEXT]


def code_words(code: str) -> str:
    return f"{code} is your code to confirm this Slack address for on-call pages. Not you? Ignore this."


def page_blocks(body: str, alert: int | None, standing: Standing | None, *, with_buttons: bool) -> Blocks:
    """The message as it stands: what happened, what became of it, and what can be done.

    `alert` None: nothing can be answered. `standing` None: as it triggered.
    """
    blocks = [_section(shown(body, standing))]
    offered = OFFERED[standing.status if standing else "triggered"]
    if alert is not None and with_buttons and offered:
        blocks.append({"type": "actions", "elements": [_button(action, alert, offered[0]) for action in offered]})
    return blocks


def shown(body: str, standing: Standing | None) -> str:
    """As Slack's mrkdwn; also what a phone shows of it before it is opened."""
    text = escaped(body[:MOST_TEXT])
    if standing is None:
        return text
    at = int(standing.at.timestamp())
    when = f"<!date^{at}^{{time}}|{standing.at:%H:%M} UTC>"  # Slack writes it in the reader's own zone
    return f"{text}\n{MARKS[standing.status]} {escaped(standing.sentence)}, {when}"


def escaped(text: str) -> str:
    """So that nothing in it is read as a mention, a channel or a link of Slack's."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}


def _button(action: str, alert: int, first: str) -> dict[str, Any]:
    button: dict[str, Any] = {
        "type": "button",
        "action_id": action,
        "value": str(alert),
        "text": {"type": "plain_text", "text": BUTTONS[action]},
    }
    return button | {"style": "primary"} if action == first else button
