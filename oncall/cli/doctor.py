"""Is this installation fit to page people? One line a check, each with what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from oncall import migrate
from oncall.cli.output import AsJson, at, show_json
from oncall.cli.session import check_exists
from oncall.clock import system_clock
from oncall.coverage import final_shifts, gaps
from oncall.db import Database
from oncall.delivery.outbox import Reach
from oncall.engine import PRESENCE_SECONDS
from oncall.errors import SetupError
from oncall.models import EngineProcess, Schedule
from oncall.settings import Settings, load_settings

LOOK_AHEAD = timedelta(days=28)
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    problem: str = ""
    """Empty: all is well."""

    @property
    def line(self) -> str:
        return f"problem  {self.check}: {self.problem}" if self.problem else f"ok       {self.check}"


def doctor(as_json: AsJson = False) -> None:
    """Check the installation. Exits with 1 if something is wrong."""
    findings = list(_examine(load_settings(), system_clock()))
    if as_json:
        show_json([{"check": each.check, "ok": not each.problem, "problem": each.problem} for each in findings])
    else:
        typer.echo("\n".join(each.line for each in findings))
    if any(each.problem for each in findings):
        raise typer.Exit(1)


def _examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    yield _twilio(settings)
    yield _public_url(settings)
    yield _demo(settings)
    try:
        check_exists(settings)
        database = Database(settings)
        is_current = migrate.is_current(database)
    except SetupError as error:
        yield Finding("database answers", error.detail)
        return
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding("database answers", f"{cause}. See ONCALL_DATABASE_URL.")
        return
    yield Finding("database answers")
    yield Finding("database is of this version", "" if is_current else "Run “oncall migrate”.")
    if is_current:
        with database.read() as session:
            yield from (check(session, now) for check in CHECKS)
    database.close()


def _twilio(settings: Settings) -> Finding:
    missing = "" if settings.has_twilio or settings.demo else "No texts or calls leave. Set ONCALL_TWILIO_ACCOUNT_SID."
    return Finding("texts and calls can be sent (Twilio)", missing)


def _public_url(settings: Settings) -> Finding:
    missing = "" if settings.public_url else "No receipts, replies or links. Set ONCALL_PUBLIC_URL=https://…"
    return Finding("our address is known (ONCALL_PUBLIC_URL)", missing)


def _demo(settings: Settings) -> Finding:
    hosts = {settings.host, urlsplit(settings.public_url).hostname or settings.host}
    is_open = settings.demo and not all(_is_loopback(host) for host in hosts)
    problem = "Anybody who reaches it can read every text and answer for everybody. Unset ONCALL_DEMO."
    return Finding("demo mode is for this machine alone", problem if is_open else "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _engine(session: Session, now: datetime) -> Finding:
    last = session.exec(select(func.max(col(EngineProcess.last_pass_at)))).one()
    is_late = last is None or now - last > timedelta(seconds=3 * PRESENCE_SECONDS)
    return Finding(
        "an engine is running", "Nobody is paged. Start “oncall serve” or “oncall engine”." if is_late else ""
    )


def _reachable(session: Session, now: datetime) -> Finding:
    schedules = session.exec(select(Schedule)).all()
    shifts = [shift for row in schedules for shift in final_shifts(session, row, now, now + LOOK_AHEAD)]
    people = {shift.user_id: shift.name for shift in shifts}
    reach = Reach(session)
    reach.load(people)
    silent = sorted(name for user_id, name in people.items() if not reach.can_be_reached(user_id))
    problem = f"{_some(silent)}. Each adds one on their page, or an admin in the config file." if silent else ""
    return Finding("everybody on call in the next 4 weeks has a verified contact method", problem)


def _no_gaps(session: Session, now: datetime) -> Finding:
    found = [
        f"{row.name} {gap.level} from {at(gap.start, row.timezone)} to {at(gap.end, row.timezone)}"
        for row in session.exec(select(Schedule).order_by(col(Schedule.name)))
        for gap in gaps(session, row, now, now + LOOK_AHEAD)
    ]
    problem = f"{_some(found)}. Add a rotation or an override." if found else ""
    return Finding("somebody is on every level for the next 4 weeks", problem)


CHECKS: list[Callable[[Session, datetime], Finding]] = [_engine, _reachable, _no_gaps]


def _some(items: list[str]) -> str:
    more = f" and {len(items) - MOST_SHOWN} more" if len(items) > MOST_SHOWN else ""
    return "; ".join(items[:MOST_SHOWN]) + more
