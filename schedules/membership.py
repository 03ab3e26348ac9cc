"""Ruled members: everybody who fits a rule, in an order that newcomers don't disturb."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schedules.types import Person


@dataclass(frozen=True, slots=True)
class Candidate:
    """What rules ask about a person. `since` is when they came: newcomers go to the end of the order."""

    person: Person
    tags: frozenset[str]
    teams: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class MemberRule:
    """Everybody with one of these tags and in one of these teams (either may be empty: not asked)."""

    tagged: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


def ruled_members(rule: MemberRule, candidates: Iterable[Candidate]) -> tuple[Person, ...]:
    """The people who fit, longest-standing first, then by name."""
    fitting = [
        candidate
        for candidate in candidates
        if (not rule.tagged or rule.tagged & candidate.tags) and (not rule.teams or rule.teams & candidate.teams)
    ]
    return tuple(c.person for c in sorted(fitting, key=lambda c: (c.since, c.person)))
