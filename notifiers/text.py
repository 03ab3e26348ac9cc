"""The words of a text message, cut to what its segments carry: what, where, how bad, how to answer."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

from notifiers.gsm7 import (
    ONE_SEGMENT,
    THREE_GSM7_SEGMENTS,
    THREE_UCS2_SEGMENTS,
    is_gsm7,
    plain,
    septets,
    tidy,
    utf16_units,
)
from notifiers.kind import BundleFacts, PageFacts, PastChange

LONGEST_SEVERITY = 12
LONGEST_SERVICE = 30
NO_SUMMARY = "(no summary)"
LEAST_SUMMARY = 40
"""A link is left out rather than cut the summary below this."""
LEAST_CHANGE = 20
"""What changed before is left out rather than cut below this."""


@dataclass(frozen=True)
class Alphabet:
    """How long a text may be, how its length is counted, and what marks a cut."""

    limit: int
    size: Callable[[str], int]
    ellipsis: str

    def shorten(self, text: str, limit: int) -> str:
        """`text`, or its beginning and an ellipsis, no longer than `limit` (empty if not even that fits)."""
        if self.size(text) <= limit:
            return text
        room = limit - self.size(self.ellipsis)
        kept = sum(1 for length in accumulate(map(self.size, text)) if length <= room)
        return text[:kept].rstrip(" .,;:-") + self.ellipsis if kept else ""


GSM7 = Alphabet(ONE_SEGMENT, septets, "...")
UCS2 = Alphabet(THREE_UCS2_SEGMENTS, utf16_units, "…")
LONG_GSM7 = Alphabet(THREE_GSM7_SEGMENTS, septets, "...")


def page_text(facts: PageFacts) -> str:
    """`CRITICAL web: Disk full on db1 (95% used). Reply 12a to ack, 12e escalate, 12r resolve`

    One GSM-7 segment; up to three UCS-2 ones if the summary or service is in another script. A long summary is
    shortened, the instructions never. What changed before comes after the summary where there is room for both, and
    goes before the link. Where replies can't reach us none is asked for, and the link is the way to answer.
    """
    number, link = facts.number, facts.link
    tail = f"Reply {number}a to ack, {number}e escalate, {number}r resolve" if facts.can_reply else f"Alert {number}"
    head, words, change, alphabet = _in_one_alphabet(facts)
    with_link = f"{tail} {link}" if link else tail
    said = with_change(words, change, room(head, tail if facts.can_reply else with_link, alphabet), alphabet)
    least = alphabet.size(said) if said != words else min(alphabet.size(words), LEAST_SUMMARY)
    keeps_meaning = room(head, with_link, alphabet) >= least
    return fit(head, said, with_link if keeps_meaning or not facts.can_reply else tail, alphabet)


def shadow_text(facts: PageFacts) -> str:
    """`Shadow: CRITICAL web: Disk full on db1. Alert 12, nothing to do for you`: for somebody who follows along."""
    head, words, change, alphabet = _in_one_alphabet(facts)
    head, tail = f"Shadow: {head}", f"Alert {facts.number}, nothing to do for you {facts.link}".strip()
    return fit(head, with_change(words, change, room(head, tail, alphabet), alphabet), tail, alphabet)


def with_change(words: str, change: PastChange | None, most: int, alphabet: Alphabet) -> str:
    """`Error rate 12 %. deploy web #4711 by bob, 4 min before`, or the words alone if not both fit into `most`.

    What changed gives way first, but for how long before that was.
    """
    if change is None:
        return words
    end = f", {change.before} before"
    left = most - alphabet.size(words) - len(". ") - alphabet.size(end)
    if left < min(alphabet.size(change.what), LEAST_CHANGE):
        return words
    return f"{words}{stop_after(words)}{alphabet.shorten(change.what, left)}{end}"


def bundle_text(facts: BundleFacts) -> str:
    """`CRITICAL: 7 alerts on web, oldest 3 min: Disk full on db1; Error rate 12 %. Reply ack all or open https://…`

    One GSM-7 segment, as `page_text`; what does not fit of the list is left out.
    """
    said = "; ".join(dict.fromkeys(tidy(facts.summary(page)) or NO_SUMMARY for page in facts.pages))
    kept = [tidy(facts.severity.upper()), tidy(facts.where), said]
    (severity, where, words), alphabet = _said_in_one_alphabet(kept)
    shadow = "Shadow: " if facts.is_shadow else ""
    about = f"{facts.count} alerts on {alphabet.shorten(where, LONGEST_SERVICE)}, oldest {facts.oldest}: "
    head = f"{shadow}{alphabet.shorten(severity, LONGEST_SEVERITY)}: {about}"
    tail, with_link = _ways_to_answer(facts)
    keeps_meaning = room(head, with_link, alphabet) >= min(alphabet.size(words), LEAST_SUMMARY)
    return fit(head, words, with_link if keeps_meaning else tail, alphabet)


def _ways_to_answer(facts: BundleFacts) -> tuple[str, str]:
    """Without and with the link."""
    if facts.is_shadow:
        return "Nothing to do for you", "Nothing to do for you"
    if facts.can_reply:
        return "Reply ack all", f"Reply ack all or open {facts.link}" if facts.link else "Reply ack all"
    return facts.link, facts.link


def fit(head: str, middle: str, tail: str, alphabet: Alphabet = GSM7) -> str:
    """`head middle. tail` within the alphabet's limit: the middle gives way, down to nothing; head and tail stay."""
    short = alphabet.shorten(middle, max(0, room(head, tail, alphabet)))
    return f"{head}{short}{stop_after(short)}{tail}".strip()


def stop_after(text: str) -> str:
    return " " if not text or text.endswith((".", "!", "?", "…")) else ". "


def verification_text(code: str) -> str:
    """The text that confirms a phone as somebody's contact method; carriers ask for the way out."""
    return f"{code} is your code to confirm this phone for on-call pages. Not you? Ignore this. Reply STOP to opt out."


def notice_text(text: str) -> str:
    """What is no page: up to three segments, in GSM-7 if it can be said in that. Nothing in it asks for a reply."""
    said = plain(text)
    if is_gsm7(said):
        return LONG_GSM7.shorten(said, LONG_GSM7.limit)
    return UCS2.shorten(tidy(text), UCS2.limit)


def room(head: str, tail: str, alphabet: Alphabet) -> int:
    return alphabet.limit - alphabet.size(head) - alphabet.size(tail) - len(". ")


def newest_change(facts: PageFacts) -> PastChange | None:
    """What there is to say of it, in one line."""
    said = [PastChange(tidy(change.what), change.before) for change in facts.changes[:1]]
    return next((change for change in said if change.what), None)


def _in_one_alphabet(facts: PageFacts) -> tuple[str, str, PastChange | None, Alphabet]:
    """The head, the summary, what changed, and GSM-7 if all of it can be said in that, else UCS-2 with every character
    kept. A summary of nothing but pictures keeps them: they are all it says.
    """
    change = newest_change(facts)
    said = [tidy(facts.severity.upper()), tidy(facts.service), tidy(facts.summary) or NO_SUMMARY]
    parts, alphabet = _said_in_one_alphabet([*said, *([change.what] if change else [])])
    where = f"{alphabet.shorten(parts[0], LONGEST_SEVERITY)} {alphabet.shorten(parts[1], LONGEST_SERVICE)}".strip()
    return f"{where}: ", parts[2], PastChange(parts[3], change.before) if change else None, alphabet


def _said_in_one_alphabet(kept: list[str]) -> tuple[list[str], Alphabet]:
    plainly = [plain(part) or part for part in kept]
    return (plainly, GSM7) if all(map(is_gsm7, plainly)) else (kept, UCS2)
