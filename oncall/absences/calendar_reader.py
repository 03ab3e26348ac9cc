"""Fetching and reading somebody's calendar, in a process of its own: whatever it holds, paging is not slowed.

The process gets what it needs on standard input, not as arguments, which others on the machine could see. It is killed
when its time is up: a rule can be written that no library finds the end of.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from oncall.absences.calendar_download import SECONDS
from oncall.errors import BadInput, TooManyRequests, Unavailable
from oncall.waiting_line import WaitingLine
from schedules.busy import BusySpan

LONGEST_READ = SECONDS + 15
"""Seconds for all of it."""
MOST_AT_ONCE, IN_LINE = 4, 4
PROGRAM = "oncall.absences.calendar_process"
line = WaitingLine(MOST_AT_ONCE, IN_LINE, LONGEST_READ, "Too many calendars are being read. Try again in a minute.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read. `start` and `end` are aware; `etag` and `last_modified` are those of the copy there is."""

    url: str = field(repr=False)
    timezone: str
    start: datetime
    end: datetime
    allow_private: bool
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class CalendarCopy:
    spans: list[BusySpan]
    etag: str
    last_modified: str


def read_calendar(wanted: Wanted, seconds: float = LONGEST_READ) -> CalendarCopy | None:
    """None when it has not changed. Raises BadInput with the field `url`, or TooManyRequests."""
    try:
        with line.turn():
            answer = _asked(wanted, seconds)
    except Unavailable as busy:
        raise TooManyRequests(busy.detail, retry_after=60) from None
    if "refused" in answer:
        raise BadInput(answer["refused"], field="url")
    if answer["spans"] is None:
        return None
    spans = [BusySpan(datetime.fromisoformat(a), datetime.fromisoformat(b), text) for a, b, text in answer["spans"]]
    return CalendarCopy(spans, answer["etag"], answer["last_modified"])


def _asked(wanted: Wanted, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", PROGRAM]
    question = json.dumps(asdict(wanted), default=str)
    try:
        done = subprocess.run(  # noqa: S603  (our own program, and nothing of the calendar's in its arguments)
            command, input=question, capture_output=True, encoding="utf-8", timeout=seconds
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode != 0:
        return {
            "refused": "This calendar takes too long to read: give one that holds only when you are away, without "
            "involved repetitions."
        }
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
