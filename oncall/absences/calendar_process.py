"""The program that fetches and reads one calendar: `calendar_reader` runs it, with the question on standard input.

Only here is the library loaded that unrolls repeating events, and only for a calendar that has changed: it takes longer
than the rest of the process.
"""

import json
import resource
import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifiers.public_http import anywhere, is_public
from oncall.absences.calendar_download import download
from oncall.absences.calendar_reader import Wanted
from oncall.errors import BadInput
from schedules.busy import BusySpan
from schedules.errors import ScheduleError

MOST_MEMORY = 1_000_000_000


def answer(wanted: Wanted) -> dict[str, Any]:
    """What the process says: the spans, or why there are none."""
    try:
        found = download(
            wanted.url,
            anywhere if wanted.allow_private else is_public,
            wanted.etag,
            wanted.last_modified,
        )
        if found is None:
            return {"spans": None}
        spans = _spans(found.body, wanted)
    except (BadInput, ScheduleError) as error:
        return {"refused": str(error)}
    rows = [(span.start.isoformat(), span.end.isoformat(), span.summary) for span in spans]
    return {"spans": rows, "etag": found.etag, "last_modified": found.last_modified}


def _spans(body: bytes, wanted: Wanted) -> list[BusySpan]:
    from schedules.ical_import import busy_spans

    return busy_spans(body, ZoneInfo(wanted.timezone), wanted.start, wanted.end)


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    question = json.load(sys.stdin)
    moments = {name: datetime.fromisoformat(question[name]) for name in ("start", "end")}
    json.dump(answer(Wanted(**(question | moments))), sys.stdout)


if __name__ == "__main__":
    _main()
