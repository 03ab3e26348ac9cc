"""One running process: everything that lives as long as it does, wired together."""

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import structlog

from notifiers.base import Notifier
from notifiers.irc import Irc
from notifiers.registry import notifiers_for
from oncall.auth import secret_key
from oncall.auth.signing import Signer
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.db.sqlite import only_engine
from oncall.delivery.accounts import accounts_of, slack_account
from oncall.delivery.sender import Sender
from oncall.ingest.journal import Journal
from oncall.ingest.rate import RateLimit
from oncall.ingest.sns_office import SnsOffice
from oncall.ingest.writer import IngestWriter
from oncall.installation import installation
from oncall.irc.office import IrcOffice
from oncall.process.process import Process
from oncall.process.shared_clock import SharedClock, clock_of
from oncall.process.wake import Wake
from oncall.pulse.pulse import Pulse
from oncall.running.engine import Engine
from oncall.running.live import Live
from oncall.settings import Settings
from oncall.slack.socket import socket_of

if TYPE_CHECKING:
    from notifiers.slack_socket import SlackSocket
    from oncall.process.listener import Listener

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Runtime:
    """`start` before use, `stop` after; the web application does both in its lifespan."""

    settings: Settings
    database: Database
    clock: Clock
    wake: Wake
    writer: IngestWriter
    journal: Journal
    rate_limit: RateLimit
    signer: Signer
    notifiers: dict[str, Notifier]
    pulse: Pulse
    sns: SnsOffice
    live: Live
    engine: Engine | None = None
    irc: IrcOffice | None = None
    socket: "SlackSocket | None" = None
    """Slack's Socket Mode, beside an engine."""
    _listener: "Listener | None" = None
    _engine_lock: IO[str] | None = None

    def start(self) -> None:
        if isinstance(self.clock, SharedClock):
            self.clock.start()
        self.writer.start()
        self.journal.start()
        if not self.database.is_sqlite:
            self.database.engine_name = self.engine.id if self.engine else ""
            from oncall.process.listener import Listener  # here: on SQLite, psycopg would be 9 MB for nothing

            self._listener = Listener(self.database, self.wake)
            self._listener.start()
        if self.engine is None:
            return
        if self.database.is_sqlite:
            self._engine_lock = only_engine(self.settings.sqlite_file)
        self.engine.start()
        if self.irc is not None:
            self.irc.start()
        if self.socket is not None:
            self.socket.start()

    def stop(self) -> None:
        if self.engine is not None and self.socket is not None:
            self.socket.stop()
        self.live.stop()
        self.sns.stop()
        self.writer.stop()
        self.journal.stop()
        if self._listener is not None:
            self._listener.stop()
        if self.engine is not None:
            self.engine.stop()
        if self.irc is not None:
            self.irc.stop()
        if isinstance(self.clock, SharedClock):
            self.clock.stop()
        self.database.close()
        if self._engine_lock is not None:
            self._engine_lock.close()


def build_runtime(settings: Settings, clock: Clock | None = None, *, with_engine: bool = True) -> Runtime:
    """Everything made, nothing started. The database must be migrated."""
    database = Database(settings)
    clock = clock or clock_of(database)
    with database.transaction() as session:
        installation(session)  # or whoever reads it first would write it, and take SQLite's one writer from the rest
        signer = Signer.of(session, settings)
        changed = secret_key.remember(session, signer, clock())
    if changed:
        log.warning("secret_key.changed", detail=changed)
    wake = Wake()
    writer = IngestWriter(database, clock, wake, settings.ingest_queue)
    journal, rate_limit = Journal(database, settings.ingest_kept), RateLimit(settings.ingest_rate)
    notifiers, pulse, sns = notifiers_of(settings, signer), Pulse(database, settings, clock), SnsOffice(clock)
    live = Live(database, clock, wake)
    runtime = Runtime(settings, database, clock, wake, writer, journal, rate_limit, signer, notifiers, pulse, sns, live)
    if with_engine:
        process = Process(database, settings, clock, wake, Sender(settings, notifiers))
        runtime.engine = Engine(process, is_pressed=lambda: writer.is_pressed)
        irc, slack = notifiers["irc"], slack_account(settings)
        runtime.irc = IrcOffice(database, settings, clock, wake, irc) if isinstance(irc, Irc) else None
        runtime.socket = socket_of(slack, database, clock, wake)
    return runtime


def notifiers_of(settings: Settings, signer: Signer) -> dict[str, Notifier]:
    return notifiers_for(accounts_of(settings, signer), console=settings.demo)
