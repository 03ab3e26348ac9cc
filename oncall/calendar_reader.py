"""Fetching and reading somebody's calendar, in a process of its own: whatever it holds, paging is not slowed.

The process gets what it needs on standard input, not as arguments, which others on the machine could see. It is killed
when its time is up: a rule can be written that no library finds the end of.
"""

import json
import resource
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifiers.public_http import anywhere, is_public
from oncall.calendar_download import SECONDS, download
from oncall.errors import BadInput, TooManyRequests
from schedules.errors import ScheduleError
from schedules.ical_import import BusySpan, busy_spans

LONGEST_READ = SECONDS + 15
"""Seconds for all of it."""
MOST_AT_ONCE = 4
MOST_MEMORY = 1_000_000_000
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


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
    if not _places.acquire(timeout=seconds):
        raise TooManyRequests("Too many calendars are being read. Try again in a minute.", retry_after=60)
    try:
        answer = _asked(wanted, seconds)
    finally:
        _places.release()
    if "refused" in answer:
        raise BadInput(answer["refused"], field="url")
    if answer["spans"] is None:
        return None
    spans = [BusySpan(datetime.fromisoformat(a), datetime.fromisoformat(b), text) for a, b, text in answer["spans"]]
    return CalendarCopy(spans, answer["etag"], answer["last_modified"])


def _asked(wanted: Wanted, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", __name__]
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


def answer(wanted: Wanted) -> dict[str, Any]:
    """What the process says."""
    try:
        found = download(
            wanted.url,
            anywhere if wanted.allow_private else is_public,
            wanted.etag,
            wanted.last_modified,
        )
        spans = found and busy_spans(found.body, ZoneInfo(wanted.timezone), wanted.start, wanted.end)
    except (BadInput, ScheduleError) as error:
        return {"refused": str(error)}
    if found is None:
        return {"spans": None}
    rows = [(span.start.isoformat(), span.end.isoformat(), span.summary) for span in spans or []]
    return {"spans": rows, "etag": found.etag, "last_modified": found.last_modified}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    question = json.load(sys.stdin)
    moments = {name: datetime.fromisoformat(question[name]) for name in ("start", "end")}
    json.dump(answer(Wanted(**(question | moments))), sys.stdout)


if __name__ == "__main__":
    _main()
