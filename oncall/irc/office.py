"""The bot's shell: who of the processes has it connected, what it answers, and the topic kept true."""

import threading
import uuid
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from notifiers.base import SendFailure
from notifiers.irc import Irc
from notifiers.irc_line import lowered
from notifiers.irc_session import Said
from oncall.clock import Clock
from oncall.db.database import Database, is_outage
from oncall.irc import commands, topic
from oncall.process import leases
from oncall.process.wake import Wake
from oncall.pulse.on_irc import GIVE_UP_AFTER, LEASE
from oncall.settings import Settings

log = structlog.get_logger(__name__)

LEASE_LENGTH = timedelta(seconds=10)
TICK_SECONDS = 2.0
MOST_HELPED = 1000


class IrcOffice:
    """`start` and `stop` for a process; `tick` alone for tests that bring their own clock."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, wake: Wake, irc: Irc) -> None:
        self._database, self._settings, self._clock, self._wake = database, settings, clock, wake
        self._irc, self._bot = irc, irc.bot
        self._bot.listener = self
        self._id = uuid.uuid4().hex
        self._since = clock()
        self._lease_ends: datetime | None = None
        self._topic_set = ""
        self._helped: set[str] = set()
        self._due = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-irc-office", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Leave, so that another process can come at once."""
        self._stopping.set()
        self._due.set()
        self._thread.join()
        self._bot.close()
        try:
            with self._database.transaction() as session:
                leases.give_back(session, LEASE, self._id, self._clock())
        except SQLAlchemyError as error:
            log.warning("irc.lease_not_given_back", error=type(error).__name__)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.tick()
            except Exception as error:
                log.error("irc.tick_failed", error=type(error).__name__, exc_info=not _is_passing(error))
            self._due.wait(TICK_SECONDS)
            self._due.clear()

    def tick(self) -> None:
        """Take or renew the lease, and do what follows from having it or not."""
        now = self._clock()
        try:
            with self._database.transaction() as session:
                is_ours, last, ours = self._look(session, now)
        except SQLAlchemyError as error:
            if is_outage(error):
                self._hang_up_without_lease(now)  # somebody else may have it by now, and we could not know
            raise
        if is_ours:
            self._lease_ends = now + LEASE_LENGTH
            self._bot.connect()
        else:
            self._bot.hang_up()
        self._irc.gives_up = now - max(self._since, last or self._since) > GIVE_UP_AFTER
        self._keep_topic(ours)

    def _look(self, session: Session, now: datetime) -> tuple[bool, datetime | None, str]:
        """Whether the bot is ours, when one was last connected, and what the topic should tell."""
        is_ours = leases.take(session, LEASE, self._id, now, LEASE_LENGTH)
        if not is_ours or not self._bot.is_connected:
            return is_ours, leases.worked_at(session, LEASE), ""
        leases.say_working(session, LEASE, now)
        return True, now, topic.line(session, topic.named(session, self._settings.irc_topic), now)

    def _hang_up_without_lease(self, now: datetime) -> None:
        if self._lease_ends is not None and now >= self._lease_ends:
            self._bot.hang_up()

    def _keep_topic(self, ours: str) -> None:
        """Set when it would be another, and not again and again where the server changes what we set."""
        known = self._bot.topic()
        if not ours or known is None:
            return
        current, most = known
        wanted = topic.topic(ours, current, most)
        if wanted == current:
            self._topic_set = ""
        elif wanted != self._topic_set:
            self._topic_set = wanted
            self._bot.set_topic(wanted)

    # What the bot asks (notifiers.irc_bot.Listener)

    def changed(self) -> None:
        self._topic_set = ""
        self._due.set()
        self._wake.set()  # what has waited for the connection goes now

    def is_for_us(self, said: Said) -> bool:
        return commands.read(said) is not None

    def answer(self, said: Said, identity: str) -> str:
        if self._is_help_again(said):
            return ""
        with self._database.transaction() as session:
            answer = commands.answer(session, said, identity, self._clock())
        self._wake.set()
        return answer

    def _is_help_again(self, said: Said) -> bool:
        """Help for what was not understood is given once: two bots could go on like that for ever."""
        nick = lowered(said.nick)
        command = commands.read(said)
        if command is None or command.word != "help" or said.text.startswith(commands.SIGN):
            self._helped.discard(nick)
            return False
        if nick in self._helped:
            return True
        if len(self._helped) >= MOST_HELPED:
            self._helped.clear()
        self._helped.add(nick)
        return False


def _is_passing(error: Exception) -> bool:
    return is_outage(error) or isinstance(error, SendFailure)
