"""Can this installation page people right now? Asked by load balancers, and before we tell an outside watcher so."""

from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.process.leases import take
from oncall.pulse.vitals import deliveries_overdue, last_pass

PASS_IS_FRESH = timedelta(seconds=15)
"""Engines say every five seconds that they make their passes."""
PROBE = "pulse"

NO_ENGINE = (
    "No engine has completed a pass lately, so nobody is paged and no shifts are published:"
    " start “oncall serve” or “oncall engine”."
)


def prove_writable(session: Session, now: datetime) -> None:
    """Write, so that the commit shows whether anything can be stored: a full disk and a replica answer, too."""
    take(session, PROBE, "", now, timedelta())


def why_no_pass(last_pass_at: datetime | None, now: datetime) -> str:
    """Pure; "" when an engine is at work."""
    return NO_ENGINE if last_pass_at is None or abs(now - last_pass_at) > PASS_IS_FRESH else ""


def why_no_engine(session: Session, now: datetime) -> str:
    """ "" when one is at work."""
    return why_no_pass(last_pass(session), now)


def why_unfit(session: Session, now: datetime, most_overdue: timedelta) -> str:
    """Beside the database itself; "" when pages go out."""
    if problem := why_no_engine(session, now):
        return problem
    if (overdue := deliveries_overdue(session, now)) > most_overdue:
        return f"A delivery is overdue by {overdue.total_seconds():.0f} s."
    return ""
