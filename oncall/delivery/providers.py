"""The accounts of each kind and their health: read once in a pass of the engine, stored at its end where it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, select

from notifiers.base import Receipt, SendFailure
from oncall.db.upsert import insert
from oncall.delivery.health import NEW, Health, choose, failed, patience, tried, worked
from oncall.models import ProviderHealth

log = structlog.get_logger(__name__)

_rows: sa.Table = ProviderHealth.__table__  # type: ignore[attr-defined]
FIELDS = [field.name for field in fields(Health)]


def health_of(row: ProviderHealth) -> Health:
    return Health(**row.model_dump(include=set(FIELDS)))


@dataclass(frozen=True, slots=True)
class Account:
    """An account and how it fares at one kind of message. `position` is its place in their order, from 1."""

    kind: str
    name: str
    position: int
    health: Health


def accounts_with_health(session: Session, accounts: Mapping[str, Sequence[str]]) -> list[Account]:
    """For people to look at."""
    known = {(row.kind, row.provider): health_of(row) for row in session.exec(select(ProviderHealth))}
    return [
        Account(kind, name, position, known.get((kind, name), NEW))
        for kind, names in accounts.items()
        for position, name in enumerate(names, start=1)
    ]


Healths = dict[str, dict[str, Health]]
"""By kind and account."""


class Providers:
    """`accounts` are those of each kind that has any, in order; a kind without is its own and has no health here."""

    def __init__(self, session: Session, accounts: Mapping[str, Sequence[str]], known: Healths | None = None) -> None:
        """`known`: as read a moment ago."""
        self._session, self._accounts, self._loaded = session, accounts, known
        self._changed: set[tuple[str, str]] = set()

    def choose(self, kind: str, now: datetime) -> str:
        """The account for an attempt now."""
        accounts = self._accounts.get(kind)
        return choose(accounts, self._health(kind), now) if accounts else kind

    def begin(self, kind: str, account: str, now: datetime) -> None:
        """An attempt goes through it."""
        if account in self._accounts.get(kind, ()):
            self._set(kind, account, tried(self._health(kind).get(account, NEW), now))

    def rounds(self, kind: str, attempts: int) -> int:
        """How often each account of the kind has been tried by so many attempts; at least once."""
        return -(-attempts // max(1, len(self._accounts.get(kind, ()))))

    def goes_elsewhere(self, kind: str, account: str, now: datetime) -> bool:
        """Whether the next attempt need not wait: it goes through another account, which is not paused."""
        following = self.choose(kind, now)
        return following != account and not self._health(kind).get(following, NEW).is_paused(now)

    def patience(self, kind: str, account: str, now: datetime) -> float | None:
        """Seconds that the account may take to answer; None: as long as any may."""
        accounts = self._accounts.get(kind, ())
        within = patience(accounts, self._health(kind), account, now) if len(accounts) > 1 else None
        return within.total_seconds() if within else None

    def note(self, kind: str, account: str, began: datetime, answer: Receipt | SendFailure, now: datetime) -> None:
        """What an account said to an attempt. To refuse an address it must work; to refuse a message says nothing."""
        if account not in self._accounts.get(kind, ()):
            return
        before = self._health(kind).get(account, NEW)
        if isinstance(answer, Receipt) or answer.bad_address:
            if before.failures:
                log.info("provider.works_again", kind=kind, account=account)
            self._set(kind, account, worked(before, now))
        elif not answer.permanent:
            log.warning("provider.failed", kind=kind, account=account, reason=answer.reason)
            wanted = timedelta(seconds=answer.retry_after)
            self._set(kind, account, failed(before, began, now, answer.reason[:500], wanted))

    def store(self) -> None:
        """Last of all in its transaction, so that whoever waits for a row holds up nobody else. Two processes that
        learn something at once may lose what one has learnt: the next message tells it again.
        """
        for kind, account in sorted(self._changed):
            values = asdict(self._health(kind)[account])
            statement = insert(self._session, _rows).values(provider=account, kind=kind, **values)
            self._session.execute(statement.on_conflict_do_update(index_elements=["provider", "kind"], set_=values))
        self._changed.clear()

    @property
    def known(self) -> Healths | None:
        """What may be given to the next, once the transaction is committed."""
        return self._loaded

    def _health(self, kind: str) -> dict[str, Health]:
        if self._loaded is None:
            self._loaded = {each: {} for each in self._accounts}
            for row in self._session.exec(select(ProviderHealth)):
                self._loaded.setdefault(row.kind, {})[row.provider] = health_of(row)
        return self._loaded[kind]

    def _set(self, kind: str, account: str, health: Health) -> None:
        before = self._health(kind).get(account, NEW)
        if health != before:
            self._health(kind)[account] = health
            self._changed.add((kind, account))
