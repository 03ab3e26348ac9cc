"""How the canaries fare: each account that they try, with its last message and how long that took."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from notifiers.registry import KINDS
from oncall.delivery.accounts import accounts_of_kind
from oncall.delivery.words import way
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Canary, CanaryAccount, Delivery
from oncall.pulse.canary_verdict import NOT_KNOWN, Latency, is_by_another, latency, problem
from oncall.settings import Settings


@dataclass(frozen=True, slots=True)
class CanaryReport:
    canary: Canary
    tried: CanaryAccount
    last: Delivery | None
    latency: Latency
    problem: str | None
    """As of its verdict."""

    @property
    def way(self) -> str:
        return way(self.canary.kind, self.tried.account)

    @property
    def address(self) -> str:
        """As admins may see it."""
        return KINDS[self.canary.kind].shown(self.canary.address)

    @property
    def is_failing(self) -> bool:
        """Until the next has arrived."""
        return bool(self.problem) or (self.tried.failing_since is not None and self.problem is None)

    @property
    def told(self) -> str:
        """How the last one went, in a few words that may end a sentence."""
        if self.last is None:
            return "none was sent yet"
        if self.problem:
            return self.problem
        if is_by_another(self.last):
            return f"an older version sent the last one through {self.last.provider}"
        if self.last.state in (DeliveryState.PENDING, DeliveryState.SENDING):
            which = "the next is on its way" if self.tried.failing_since else "on its way"
            return f"{which}, tried again: {self.last.error}" if self.last.error else which
        times = {"accepted": self.latency.accepted, "delivered": self.latency.delivered}
        parts = [f"{what} after {_length(took)}" for what, took in times.items() if took is not None]
        return ", ".join([*parts, "no receipt yet"] if self.problem is None else parts)


def _length(took: timedelta) -> str:
    seconds = took.total_seconds()
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def canaries(session: Session, settings: Settings, now: datetime) -> list[CanaryReport]:
    """Those of the settings that have been planned, by address and in the order of the accounts."""
    if not settings.canary_every:
        return []
    found = {
        (canary.kind, canary.address, tried.account): _report(canary, tried, last, now)
        for canary, tried, last in session.exec(_rows(settings))
    }
    wanted = ((*each, account) for each in settings.canaries for account in accounts_of_kind(settings, each[0]))
    return [found[each] for each in dict.fromkeys(wanted) if each in found]


def _rows(settings: Settings) -> "Select[Canary, CanaryAccount, Delivery]":
    own = (Delivery.canary_id == CanaryAccount.canary_id, Delivery.only_by == CanaryAccount.account)
    newest = select(Delivery.id).where(*own).order_by(col(Delivery.id).desc()).limit(1).correlate(CanaryAccount)
    return (
        select(Canary, CanaryAccount, Delivery)
        .join(CanaryAccount, col(CanaryAccount.canary_id) == col(Canary.id))
        .join(Delivery, col(Delivery.id) == newest.scalar_subquery(), isouter=True)
        .where(is_of(settings))
    )


def is_of(settings: Settings) -> sa.ColumnElement[bool]:
    return sa.tuple_(col(Canary.kind), col(Canary.address)).in_(settings.canaries)


def _report(canary: Canary, tried: CanaryAccount, last: Delivery | None, now: datetime) -> CanaryReport:
    if last is None:
        return CanaryReport(canary, tried, None, NOT_KNOWN, None)
    return CanaryReport(canary, tried, last, latency(last), problem(last, now))
