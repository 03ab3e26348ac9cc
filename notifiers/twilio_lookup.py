"""Finding one of our own texts or calls at Twilio again, after its sender died or its answer was lost."""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any

from notifiers.base import Receipt, StatusReport

PAGE = 200
MOST = 2_000
"""How many of the newest texts or calls to a number are looked through, should clocks disagree about `since`."""


def made_since(resources: Iterable[Any], since: datetime, known: Collection[str]) -> list[Any]:
    """Those of Twilio's `resources`, which come newest first, made at `since` or later and not `known` to be others.

    Goes by date_created: date_sent and start_time are unset while a text or call is queued. Twilio's dates are whole
    seconds, so `since` is cut to its second. Clocks that disagree by more can hide a message; then it is sent twice.
    """
    first = since.replace(microsecond=0)
    recent = takewhile(lambda resource: resource.date_created and resource.date_created >= first, resources)
    return [resource for resource in recent if resource.sid not in known]


def accepted(reports: Iterable[StatusReport]) -> Receipt | None:
    """A receipt for the first report of a message that has not failed."""
    for report in reports:
        if report.state != "failed":
            return Receipt(report.provider_id, delivered=report.state == "delivered")
    return None


def receipt_for(sid: str | None) -> Receipt:
    """Raises ValueError if the answer had no sid, so was not Twilio's."""
    if not sid:
        raise ValueError("an answer without a sid")
    return Receipt(sid)
