"""What a Slack message says and which buttons it has. Source: https://docs.slack.dev/block-kit"""

from typing import Any

from notifiers.base import Standing
from notifiers.gsm7 import tidy
from notifiers.kind import BundleFacts, PageFacts, PastChange

MOST_SUMMARY = 1_000
MOST_TEXT = 2_900
"""Of the 3,000 characters that a section takes; the rest is for what escaping adds."""
NO_SUMMARY = "(no summary)"
MOST_LISTED = 10
"""Alerts of a bundle that are listed, each with so much of its summary:"""
MOST_LISTED_SUMMARY = 150

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
    """`CRITICAL web: Disk full on db1`, below it what changed before, and the alert's number and page."""
    summary = tidy(facts.summary)[:MOST_SUMMARY] or NO_SUMMARY
    shadow = "Shadow: " if facts.is_shadow else ""
    after = ", nothing to do for you" if facts.is_shadow else ""
    below = f"Alert {facts.number}{after} {facts.link}".strip()
    changes = [str(PastChange(_cut(tidy(change.what)), change.before)) for change in facts.changes]
    return "\n".join([f"{shadow}{tidy(facts.severity.upper())} {tidy(facts.service)}: {summary}", *changes, below])


def bundle_words(facts: BundleFacts) -> str:
    """`CRITICAL: 7 alerts on web, the oldest open for 3 min`, the alerts line by line, and the page that lists all."""
    listed = facts.pages[:MOST_LISTED]
    lines = [f"#{page.number} {_cut(tidy(facts.summary(page)) or NO_SUMMARY)}" for page in listed]
    more = facts.count - len(listed)
    shadow = "Shadow: " if facts.is_shadow else ""
    where = f"{facts.count} alerts on {tidy(facts.where)}, the oldest open for {facts.oldest}"
    below = f"{'Nothing to do for you ' if facts.is_shadow else ''}{facts.link}".strip()
    head = f"{shadow}{tidy(facts.severity.upper())}: {where}"
    return "\n".join(part for part in [head, *lines, f"and {more} more" if more else "", below] if part)


def _cut(summary: str) -> str:
    return summary if len(summary) <= MOST_LISTED_SUMMARY else summary[: MOST_LISTED_SUMMARY - 1].rstrip() + "…"


def notice_words(text: str) -> str:
    return text.strip()[:MOST_TEXT]


def code_words(code: str) -> str:
    return f"{code} is your code to confirm this Slack address for on-call pages. Not you? Ignore this."


def page_blocks(body: str, answers: str, standing: Standing | None, *, with_buttons: bool) -> Blocks:
    """The message as it stands: what happened, what became of it, and what can be done.

    `answers` as in Message. `standing` None: as it triggered.
    """
    blocks = [_section(shown(body, standing))]
    offered = OFFERED[standing.status if standing else "triggered"]
    if answers and not answers.isdecimal():
        offered = tuple(action for action in offered if action == "acknowledge")  # resolving is looked at one by one
    if answers and with_buttons and offered:
        blocks.append({"type": "actions", "elements": [_button(action, answers, offered[0]) for action in offered]})
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


def _button(action: str, answers: str, first: str) -> dict[str, Any]:
    button: dict[str, Any] = {
        "type": "button",
        "action_id": action,
        "value": answers,
        "text": {"type": "plain_text", "text": BUTTONS[action] + ("" if answers.isdecimal() else " all")},
    }
    return button | {"style": "primary"} if action == first else button
