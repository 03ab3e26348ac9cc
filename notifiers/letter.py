"""An email: the words of each message, and how they become one. The first line of a body is the subject."""

from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from notifiers.base import Message
from notifiers.gsm7 import tidy
from notifiers.kind import BundleFacts, PageFacts, PastChange
from notifiers.text import NO_SUMMARY

LONGEST_SUBJECT = 160
MOST_LISTED = 50
ANSWER = "Acknowledge, escalate or resolve, without signing in:"
UNREAD = "Nobody reads what is sent back to this address."
MACHINES = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""So that no holiday reply comes back (RFC 3834, and what Exchange looks at)."""


def page_letter(facts: PageFacts) -> str:
    head = f"{'Shadow: ' if facts.is_shadow else ''}{tidy(facts.severity.upper())} {tidy(facts.service)}"
    summary = tidy(facts.summary) or NO_SUMMARY
    since = facts.since.astimezone(UTC) if facts.since else None
    when = f", since {since:%H:%M} UTC on {since.day} {since:%b %Y}" if since else ""
    parts = [
        f"{_cut(f'{head}: {summary}')} (alert {facts.number})",
        f"{tidy(facts.severity.upper())} on {tidy(facts.service)}{when}",
        summary,
        "\n".join(["Changed before:", *map(_changed, facts.changes)]) if facts.changes else "",
        "You follow along: there is nothing to do for you." if facts.is_shadow else "",
        f"Alert {facts.number}{': ' if facts.link else ''}{facts.link}",
    ]
    return "\n\n".join(part for part in parts if part)


def bundle_letter(facts: BundleFacts) -> str:
    shadow = "Shadow: " if facts.is_shadow else ""
    first = tidy(facts.summary(facts.pages[0])) or NO_SUMMARY
    opening = f"{facts.count} alerts on {tidy(facts.where)}, the oldest open for {facts.oldest}"
    listed = facts.pages[:MOST_LISTED]
    more = facts.count - len(listed)
    parts = [
        _cut(f"{shadow}{tidy(facts.severity.upper())} {facts.count} alerts on {tidy(facts.where)}: {first}"),
        opening,
        "\n".join([*map(_line, listed), *([f"and {more} more"] if more else [])]),
        "You follow along: there is nothing to do for you." if facts.is_shadow else "",
        f"All of them: {facts.link}" if facts.link else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _line(page: PageFacts) -> str:
    summary = tidy(page.summary) or NO_SUMMARY
    return f"#{page.number} {tidy(page.severity.upper())} {tidy(page.service)}: {_cut(summary)}"


def _changed(change: PastChange) -> str:
    return str(PastChange(_cut(tidy(change.what)), change.before))


def notice_letter(text: str) -> str:
    return f"{_cut(tidy(text))}\n\n{text.strip()}"


def code_letter(code: str) -> str:
    subject = f"{code} is your code to confirm this address for on-call pages"
    return f"{subject}\n\n{code} is the code. Type it where you added this address.\n\nNot you? Ignore this message."


def compose(message: Message, sender: str) -> EmailMessage:
    """Sent again, it is the same: mail programs show what has one Message-ID once."""
    subject, _, text = message.body.partition("\n\n")
    paragraphs = text.split("\n\n")
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = sender, message.to, _as_written(tidy(subject))
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = f"<{message.fingerprint}@{domain_of(sender)}>"
    for name, value in MACHINES.items():
        letter[name] = value
    answer = [f"{ANSWER}\n{message.answer_url}"] if message.answer_url else []
    letter.set_content("\n\n".join([*paragraphs, *answer, UNREAD]) + "\n")
    letter.add_alternative(_html(paragraphs, message.answer_url), subtype="html")
    return letter


def _as_written(subject: str) -> str:
    """Without encoded words (RFC 2047): the library would decode what monitoring sent, and a line end in it ends the
    header.
    """
    return subject.replace("=?", "= ?")


def domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUBJECT else text[: LONGEST_SUBJECT - 1].rstrip() + "…"


def _html(paragraphs: list[str], answer_url: str) -> str:
    """Small and without anything to be fetched, so that it looks the same everywhere and tells us nothing."""
    shown = [f"<p>{_linked(paragraph)}</p>" for paragraph in paragraphs]
    button = (
        f'<p><a href="{escape(answer_url)}" style="display:inline-block;padding:14px 22px;border-radius:8px;'
        'background:#1f5fd0;color:#ffffff;font-weight:bold;text-decoration:none">Answer this page</a></p>'
        "<p>Acknowledge, escalate or resolve, without signing in.</p>"
    )
    style = "font:16px/1.5 system-ui,sans-serif;max-width:600px"
    body = "\n".join([*shown[:2], *([button] if answer_url else []), *shown[2:]])
    return f'<html><body style="{style}">\n{body}\n<p style="color:#666666;font-size:13px">{UNREAD}</p></body></html>\n'


def _linked(text: str) -> str:
    """Text as HTML; what our own line ends in is a link."""
    words, _, address = text.rpartition(" ")
    if not address.startswith(("https://", "http://")):
        return escape(text).replace("\n", "<br>")
    return f'{escape(words)} <a href="{escape(address)}">{escape(address)}</a>'
