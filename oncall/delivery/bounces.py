"""Mails that come back: what becomes of a mail server's report about a mail of ours, which may come days later."""

from collections.abc import Collection
from typing import Protocol

import structlog

from notifiers.base import StatusReport
from notifiers.email import KIND
from notifiers.email_report import read_report
from oncall.clock import Clock
from oncall.db.database import Database, notify_engines
from oncall.delivery.receipts import record_receipt
from oncall.ingest.letter import parse_mail
from oncall.ingest.reading import BadEvent
from oncall.metrics import RETURNED
from oncall.process.wake import Wake

log = structlog.get_logger(__name__)

LONGEST_REPORT = 131_072
"""Bytes that are read: the report stands before the mail that comes back."""


class Process(Protocol):
    database: Database
    wake: Wake

    @property
    def clock(self) -> Clock: ...


def take_back(process: Process, content: bytes, delivery_ids: Collection[int]) -> None:
    """Returns once what it changes is committed. Whatever it says, nobody is sent a mail about it."""
    report = _read(content)
    if report is None:
        return
    with process.database.transaction() as session:
        for delivery_id in delivery_ids:
            record_receipt(session, delivery_id, report, process.clock(), KIND.name)
        notify_engines(session)
    process.wake.set()


def _read(content: bytes) -> StatusReport | None:
    """None for what is no report: an out-of-office note, a mail that somebody wrote."""
    try:
        report = read_report(parse_mail(content[:LONGEST_REPORT]))
    except (BadEvent, ValueError) as error:
        RETURNED.labels("unreadable").inc()
        log.warning("mail.unreadable_report", error=str(error))
        return None
    RETURNED.labels(report.state if report else "other").inc()
    return report
