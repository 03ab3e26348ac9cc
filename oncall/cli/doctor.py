"""Is this installation fit to page people? One line a check, each with what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.alerts.retention import stored
from oncall.auth import secret_key
from oncall.auth.signing import Signer
from oncall.cli.output import AsJson, show_json
from oncall.cli.session import check_exists
from oncall.db.database import Database
from oncall.delivery.accounts import accounts_by_kind, accounts_of, accounts_of_kind
from oncall.delivery.lately import lately
from oncall.delivery.providers import accounts_with_health
from oncall.delivery.unsent import unsent
from oncall.delivery.words import way
from oncall.errors import SetupError
from oncall.logs import cause_of
from oncall.misspelt_settings import misspelt
from oncall.models import Schedule, Service, SlackUserGroup
from oncall.models.service import IN_USE
from oncall.process.shared_clock import clock_of
from oncall.pulse.canary_report import CanaryReport, canaries
from oncall.pulse.fitness import prove_writable, why_no_engine
from oncall.pulse.on_irc import why_not_on_irc
from oncall.rota.health import told_once
from oncall.rota.inspector import Problem
from oncall.rota.outlook import AHEAD
from oncall.schema import schema_version
from oncall.settings import Settings, load_settings
from oncall.slack.usergroups import wanted

MOST_NAMED = 5
TOLD_BY_TWILIO = ("sms", "voice")
"""Kinds of which a line of their own says that they are not set up, whoever uses them."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    problem: str = ""
    """Empty: all is well."""
    warning: str = ""
    """Pages are sent all the same."""

    @property
    def line(self) -> str:
        if self.problem:
            return f"problem  {self.check}: {self.problem}"
        return f"warning  {self.check}: {self.warning}" if self.warning else f"ok       {self.check}"

    def as_item(self) -> dict[str, object]:
        return {"check": self.check, "ok": not self.problem, "problem": self.problem, "warning": self.warning}


def doctor(as_json: AsJson = False) -> None:
    """Check the installation. Exits with 1 if something is wrong."""
    findings = list(_examine(load_settings()))
    if as_json:
        show_json([each.as_item() for each in findings])
    else:
        typer.echo("\n".join(each.line for each in findings))
    if any(each.problem for each in findings):
        raise typer.Exit(1)


def _examine(settings: Settings) -> Iterator[Finding]:
    yield from (Finding("settings are spelt right", warning=sentence) for sentence in misspelt())
    yield _twilio(settings)
    if settings.has_slack:
        yield _slack(settings)
    yield _public_url(settings)
    yield _demo(settings)
    try:
        check_exists(settings)
        database = Database(settings)
        misfit = schema_version.misfit(database)
    except SetupError as error:
        yield Finding("database answers", error.detail)
        return
    except SQLAlchemyError as error:
        yield Finding("database answers", f"{cause_of(error)}. See ONCALL_DATABASE_URL.")
        return
    yield Finding("database answers")
    yield Finding("database fits this version", misfit)
    if not database.is_sqlite:
        yield _wake_up(database)
    if not misfit:
        now = clock_of(database)()
        yield _writable(database, now)
        with database.read() as session:
            yield _secret_key(session, settings, now)
            yield _engine(session, now)
            yield _kept(session, settings)
            yield from _accounts(session, settings)
            yield from _kinds(session, settings)
            yield from _lately(session, settings, now)
            if settings.irc_server:
                yield _irc(session, now)
            yield from _canaries(session, settings, now)
            yield from _schedules(session, now)
            yield from _usergroups(session, settings, now)
    database.close()


def _twilio(settings: Settings) -> Finding:
    missing = "" if settings.has_twilio or settings.demo else "No texts or calls leave. Set ONCALL_TWILIO_ACCOUNT_SID."
    return Finding("texts and calls can be sent (Twilio)", missing)


def _kinds(session: Session, settings: Settings) -> Iterator[Finding]:
    """A line for each kind that is used and not set up. A problem where something can't be told any other way."""
    accounts = accounts_of(settings, Signer.of(session, settings))
    for each in [] if settings.demo else unsent(session, accounts):
        if each.kind in TOLD_BY_TWILIO:
            continue
        names = _some(each.lost or each.others)
        check = f"{KINDS[each.kind].label}s reach {names}"
        problem = f"{KINDS[each.kind].not_set_up}."
        yield Finding(check, problem) if each.lost else Finding(check, warning=f"{problem} They have other ways.")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _accounts(session: Session, settings: Settings) -> Iterator[Finding]:
    """A line for each account and kind. A problem is where none of a kind works."""
    accounts = accounts_with_health(session, accounts_by_kind(settings))
    working = {account.kind for account in accounts if not account.health.failures}
    for account in accounts:
        check, health = f"{KINDS[account.kind].label}s go out by {account.name}", account.health
        if not health.failures or health.failing_since is None:
            yield Finding(check)
            continue
        failing = (
            f"{health.failures} failures in a row since {health.failing_since:%Y-%m-%d %H:%M} UTC, "
            f"the last: {health.last_failure}"
        )
        is_replaced = account.kind in working
        yield Finding(
            check, warning=f"{failing}. Others send." if is_replaced else "", problem="" if is_replaced else failing
        )


def _lately(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    """A line for each kind of which nothing has left since one failed; whose accounts are looked at have theirs."""
    for kind, fared in lately(session, now).items():
        if fared.has_just_failed and kind not in accounts_by_kind(settings) and kind in KINDS:
            since = f"One failed at {fared.failed_at:%Y-%m-%d %H:%M UTC}, and none was sent since: {fared.failure}"
            yield Finding(f"{KINDS[kind].label}s are sent", warning=since)


def _slack(settings: Settings) -> Finding:
    missing = "Nobody can answer in Slack. Set ONCALL_SLACK_SIGNING_SECRET, or ONCALL_SLACK_APP_TOKEN for Socket Mode."
    return Finding("Slack answers reach us", warning="" if settings.slack_can_answer else missing)


def _usergroups(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    """A line for each Slack user group that a schedule names."""
    rows = {row.group_id: row for row in session.exec(select(SlackUserGroup))}
    for group_id, group in wanted(session, now).items():
        row = rows.get(group_id)
        problem = (row.problem if row else "") or group.problem
        if not settings.has_slack:
            problem = "Slack is not set up. Set ONCALL_SLACK_BOT_TOKEN."
        yield Finding(f"Slack user group {group_id} ({', '.join(group.places)})", warning=problem)


def _public_url(settings: Settings) -> Finding:
    check = "our address is known (ONCALL_PUBLIC_URL)"
    if settings.public_url:
        return Finding(check)
    if settings.has_twilio:
        return Finding(check, warning="No links in messages and no keys in calls; replies to texts are fetched.")
    return Finding(check, "No receipts, replies or links. Set ONCALL_PUBLIC_URL=https://…")


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


def _writable(database: Database, now: datetime) -> Finding:
    check = "database can be written"
    try:
        with database.transaction() as session:
            prove_writable(session, now)
    except SQLAlchemyError as error:
        return Finding(check, f"{cause_of(error)}. Events are refused, and nobody is paged.")
    return Finding(check)


def _wake_up(database: Database) -> Finding:
    from oncall.process.listener import reaches_others  # here: the command line is loaded by whatever serves on SQLite

    lost = "Pages wait for the next tick, and locks can be lost. Set PgBouncer's pool_mode to session."
    return Finding("processes wake each other up", "" if reaches_others(database) else lost)


def _secret_key(session: Session, settings: Settings, now: datetime) -> Finding:
    check = "the secret key is the one of before (ONCALL_SECRET_KEY)"
    if problem := secret_key.unlike(session, Signer.of(session, settings)):
        return Finding(check, problem)
    return Finding(check, warning=secret_key.lately_changed(session, now))


def _engine(session: Session, now: datetime) -> Finding:
    return Finding("an engine is running", why_no_engine(session, now))


def _kept(session: Session, settings: Settings) -> Finding:
    size = stored(session)
    alerts = f"{size.alerts:,} alerts" + (f" since {size.since:%Y-%m-%d}" if size.since else "")
    days = settings.alerts_kept_days
    until = f"those resolved {days} days ago are deleted" if days else "none is ever deleted"
    return Finding(f"the database holds {alerts}, {size.megabytes:,.0f} MB; {until}")


def _irc(session: Session, now: datetime) -> Finding:
    return Finding("the bot is on IRC", why_not_on_irc(session, now))


def _canaries(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    """A line for each account that they try, with how long its last message took."""
    if not settings.canary_every:
        return
    if session.exec(select(Service.id).where(IN_USE, Service.name == settings.canary_service)).first() is None:
        missing = f"There is no service {settings.canary_service}, on which a failing canary would raise an alert."
        yield Finding("canaries can raise an alert", missing)
    sent = {
        (each.canary.kind, each.canary.address, each.tried.account): each for each in canaries(session, settings, now)
    }
    for kind, address in settings.canaries:
        for account in accounts_of_kind(settings, kind):
            yield _canary(f"canary by {way(kind, account)}", sent.get((kind, address, account)))


def _canary(check: str, found: CanaryReport | None) -> Finding:
    if found is None or found.last is None:
        return Finding(check, warning="None was sent yet. An engine sends the first within seconds of its start.")
    if not found.is_failing:
        return Finding(f"{check}, {found.told}")
    since = found.tried.failing_since
    return Finding(check, f"Failing since {since:%Y-%m-%d %H:%M UTC}: {found.told}" if since else f"{found.told}.")


def _schedules(session: Session, now: datetime) -> Iterator[Finding]:
    """A line for each thing to mend, one for a schedule that has none."""
    for schedule, found in told_once(session, session.exec(select(Schedule).order_by(col(Schedule.name))).all(), now):
        check = f"schedule {schedule.name}, next {AHEAD.days} days"
        yield from [_finding(check, problem) for problem in found] or [Finding(check)]


def _finding(check: str, problem: Problem) -> Finding:
    return Finding(check, problem.sentence) if problem.loses_pages else Finding(check, warning=problem.sentence)
