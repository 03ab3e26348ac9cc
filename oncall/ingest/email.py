"""Email: a mail to the address of a key, through our own listener (smtp.py), or posted as it is.

Mails about the same thing are one alert: by what follows the + in the address, by the option `dedup`, else by the
subject without what changes from one mail to the next: Re: and Fwd:, counters in parentheses, and words for states.
"""

import re
from collections.abc import Mapping

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.letter import Letter, read_letter
from oncall.ingest.patterns import found, matches, problem_in_pattern
from oncall.ingest.reading import SEVERITY_WORDS, BadEvent, Inbound, dedup_key, severity_of, shorten
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_PREFIX = re.compile(r"^\s*(?:re|fwd?|aw|wg|sv|vs|tr)(?:\[\d+\])?:\s*", re.IGNORECASE)
_COUNTER = re.compile(r"\(#?\d+(?:/\d+| times)?\)\s*$|^\s*[(\[]#?\d+(?:/\d+)?[)\]]", re.IGNORECASE)
_STATE = re.compile(
    r"\[?\b(?:PROBLEM|RECOVERY|RECOVERED|RESOLVED|FIRING|TRIGGERED|CLEARED|CLEAR|CLOSED|OPEN|CRITICAL|CRIT|ERROR|WARNING|"
    r"WARN|UNKNOWN|INFO|ALERT|ALARM|OK|UP|DOWN)\b\]?"
)
_SEVERITY = re.compile(r"\b(CRITICAL|CRIT|ERROR|WARNING|WARN|INFO)\b|\[(critical|error|warning|info)\]")
_PATTERNS = ("resolve", "acknowledge", "ignore", "dedup")


def parse(inbound: Inbound) -> list[Event]:
    return events_of(read_letter(inbound.body), inbound.query.get("dedup", ""), inbound.options)


def events_of(letter: Letter, tag: str, options: Mapping[str, str]) -> list[Event]:
    """`tag` is what followed the + in the address."""
    title = shorten(letter.subject or letter.text.strip().partition("\n")[0], SUMMARY_MAX)
    if not title:
        raise BadEvent(["the mail has neither a subject nor a text"])
    if letter.is_reply_of_a_machine or _says("ignore", title, options):
        return []
    return [
        Event(
            _action(title, options),
            dedup_key(tag.strip() or _about(title, options)),
            summary=title,
            severity=_severity(title, options),
            source=letter.sender[:300],
            details={"text": letter.text, "date": letter.date, "attachments": letter.attachments},
        )
    ]


def _says(option: str, title: str, options: Mapping[str, str]) -> bool:
    return bool(options.get(option)) and matches(options[option], title)


def _action(title: str, options: Mapping[str, str]) -> EventAction:
    if _says("resolve", title, options):
        return EventAction.RESOLVE
    return EventAction.ACKNOWLEDGE if _says("acknowledge", title, options) else EventAction.TRIGGER


def _about(title: str, options: Mapping[str, str]) -> str:
    """What mails of the same problem share."""
    chosen = found(options["dedup"], title).strip() if options.get("dedup") else ""
    return chosen or _without_what_changes(title) or title


def _without_what_changes(title: str) -> str:
    while (shorter := _COUNTER.sub("", _PREFIX.sub("", title)).strip()) != title:
        title = shorter
    return " ".join(_STATE.sub(" ", title).split()).strip(" -:*!").casefold()


def _severity(title: str, options: Mapping[str, str]) -> Severity:
    """As the key says; else by a word in capitals or brackets: in a sentence, it may be about anything."""
    if options.get("severity"):
        return severity_of(options["severity"])
    word = _SEVERITY.search(title)
    return severity_of(word.group(1) or word.group(2)) if word else Severity.ERROR


def _check(options: Mapping[str, str]) -> str:
    """The first option that can't be used."""
    for name in _PATTERNS:
        if problem := problem_in_pattern(options[name]) if options.get(name) else "":
            return f"the option {name} {problem}"
    if options.get("severity") and options["severity"].strip().lower() not in SEVERITY_WORDS:
        return "the option severity must be critical, error, warning or info"
    return ""


def _sample(state: str) -> Sample:
    headers = (
        "From: Backup <backup@db1.example.com>\r\n"
        "To: KEY@alerts.example.com\r\n"
        f"Subject: {state}: nightly backup of db1\r\n"
        "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
        "Message-ID: <20260105100000.1@db1.example.com>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
    )
    return Sample(f"{headers}\r\nSee /var/log/backup.log on db1.\r\n".encode())


TOOL = Tool(
    "Email",
    parse,
    trigger=_sample("PROBLEM"),
    resolve=None,
    recipe=(
        Step("Send the tool's mails to", URL),
        Step(
            "An address that begins with http takes mails from a pipe of your mail server, by curl --data-binary @-. "
            "With the settings ONCALL_SMTP_LISTEN and ONCALL_EMAIL_DOMAIN there is a mail address"
        ),
        Step("Mails with the same subject are one alert; to say it yourself put +NAME before the @ of the address"),
        Step("Set the option resolve to what is in the subject when it is over, as in “RECOVERY|RESOLVED|\\bOK\\b”"),
    ),
    options={
        "resolve": "regular expression; a mail with it in the subject resolves, as in “RECOVERY|RESOLVED”",
        "acknowledge": "regular expression; a mail with it in the subject acknowledges",
        "ignore": "regular expression; a mail with it in the subject makes nothing",
        "dedup": "regular expression; mails in whose subject it finds the same are one alert, as in “on (\\S+)”",
        "severity": "critical, error, warning or info for every mail, in place of the word in its subject",
    },
    check=_check,
)
