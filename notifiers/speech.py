"""The words of a phone call: sentences that a machine can say and somebody just woken can follow."""

import re

from notifiers.gsm7 import plain
from notifiers.kind import BundleFacts, PageFacts

LONGEST = 300
"""Characters of a summary that are said; about twenty seconds."""
MOST_OF_A_CHANGE = 100
MOST_SAID = 3
"""Alerts of a bundle that are said one by one."""

WORDS = {
    "kb": "kilobytes",
    "mb": "megabytes",
    "gb": "gigabytes",
    "tb": "terabytes",
    "ms": "milliseconds",
    "vs": "versus",
    ">=": " at least ",
    "<=": " at most ",
    "->": ", ",
    "<-": ", ",
    "=>": ", ",
    "%": " percent ",
    "&": " and ",
    "+": " plus ",
    "=": " equals ",
    "<": " below ",
    ">": " above ",
    "@": " at ",
    "/": " slash ",
}
"""What is said for a word or sign."""

NOT_SAID = re.compile(r"https?://\S+|\b(?=[0-9a-f-]*[0-9])[0-9a-f-]{12,}\b", re.IGNORECASE)
"""Links and long ids (hashes, UUIDs): nobody can write them down at night."""


def page_speech(facts: PageFacts) -> str:
    """`Critical alert 12 on web. Disk full on d b 1, 95 percent used. 4 minutes before: deploy web 4711 by bob.`"""
    said = spoken(facts.summary)
    opening = f"{spoken(facts.severity).capitalize()} alert {facts.number} on {spoken(facts.service)}."
    changes = [(spoken(change.what[:MOST_OF_A_CHANGE]), change.before) for change in facts.changes[:1]]
    changed = [f"{_age(before)} before: {what}." for what, before in changes if what]
    return " ".join([opening, *([f"{said}."] if said else []), *changed])


def bundle_speech(facts: BundleFacts) -> str:
    """`7 alerts on web, the oldest open for 3 minutes. Disk full. Error rate high. And 5 more. A key answers all 7.`"""
    said = list(dict.fromkeys(spoken(facts.summary(page)) for page in facts.pages))[:MOST_SAID]
    opening = (
        f"{facts.count} alerts on {spoken(facts.where)}, the gravest {spoken(facts.severity)}, the oldest open for"
    )
    more = f" And {facts.count - len(said)} more." if facts.count > len(said) else ""
    listed = _cut(". ".join(words for words in said if words))
    key = "" if facts.is_post or not facts.link else f" A key answers all {facts.count}."  # none without an address
    return f"{opening} {_age(facts.oldest)}. {listed}.{more}{key}"


def answer_speech(text: str) -> str:
    """What came of a key: `Alert 12 acknowledged, Disk full on d b 1`."""
    return spoken(re.sub(r"^#(?=[0-9])", "Alert ", text))


def _age(spelled: str) -> str:
    """`3 min` as it is said."""
    names = {"s": "second", "min": "minute", "h": "hour", "d": "day"}
    return re.sub(
        r"(\d+) (s|min|h|d)\b", lambda found: f"{found[1]} {names[found[2]]}{'' if found[1] == '1' else 's'}", spelled
    )


def spoken(text: str) -> str:
    """Plain words: names taken apart (db1, HighErrorRate), signs said or dropped, no longer than LONGEST."""
    text = NOT_SAID.sub(" ", plain(text))
    text = re.sub(r"(?<!\S)-(?=[0-9])", "minus ", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])", " ", text)
    text = re.sub(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z])|(?<=[A-Za-z])\.(?=[0-9])", " dot ", text)
    text = re.sub(r">=|<=|->|<-|=>|[%&+=<>@/]", lambda sign: WORDS[sign[0]], text)
    text = re.sub(r"[()\[\]{};]|:(?![0-9])|\s-+\s", ", ", text)
    text = re.sub(r"[^\w\s.,:!?'-]|[_-]", " ", text)
    text = re.sub(r"\b[A-Za-z]+\b", _word, text)
    return _cut(_punctuated(text))


def _word(match: re.Match[str]) -> str:
    """A word as it is said; one without vowels (db, http) letter by letter."""
    word = match[0]
    if word.lower() in WORDS:
        return WORDS[word.lower()]
    return " ".join(word) if len(word) <= 4 and not re.search("[aeiouy]", word, re.IGNORECASE) else word


def _punctuated(text: str) -> str:
    """Single spaces, and no comma where there is nothing to separate."""
    text = re.sub(r"[\s,]*,[\s,]*", ", ", " ".join(text.split()))
    return re.sub(r"[\s,]+([.!?])", r"\1", text).strip(" ,.:-")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,.:-")
