"""Addresses that nothing reaches since their kind is not set up: of people, and of teams."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from notifiers.kind import Accounts
from notifiers.registry import KINDS
from oncall.delivery.addressee import post_name
from oncall.delivery.rules import is_usable
from oncall.models import ContactMethod, Team, TeamContactMethod, User


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a kind that is not set up is meant for. `lost` are teams' addresses, and people with no other way."""

    kind: str
    lost: tuple[str, ...]
    others: tuple[str, ...]
    """People who are reached another way."""


def unsent(session: Session, accounts: Accounts) -> list[Unsent]:
    """A row for each kind that somebody or some team uses, and that is not set up."""
    missing = {name for name, kind in KINDS.items() if kind.make(accounts) is None}
    people = _people(session)
    lost: dict[str, list[str]] = defaultdict(list)
    others: dict[str, list[str]] = defaultdict(list)
    for method, team in session.exec(select(TeamContactMethod, Team.name).join(Team).order_by(col(Team.name))):
        lost[method.kind].append(post_name(team, method))
    for name, kinds in people:
        for kind in kinds:
            (others if kinds - missing else lost)[kind].append(name)
    used = (kind for kind in KINDS if kind in missing and (lost[kind] or others[kind]))
    return [Unsent(kind, tuple(lost[kind]), tuple(others[kind])) for kind in used]


def _people(session: Session) -> Iterable[tuple[str, set[str]]]:
    """Names, with the kinds by which they could be paged."""
    rows = session.exec(select(User, ContactMethod).join(ContactMethod).where(col(User.retired_at).is_(None)))
    kinds: dict[int | None, set[str]] = defaultdict(set)
    names: dict[int | None, str] = {}
    for user, method in rows:
        if is_usable(method):
            kinds[user.id].add(method.kind)
            names[user.id] = user.name
    return sorted((names[user_id], of_one) for user_id, of_one in kinds.items())
