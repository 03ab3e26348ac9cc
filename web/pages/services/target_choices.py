"""Every target that a policy can page, by what it is called, for people to choose from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.models import Schedule, Team, TeamContactMethod
from oncall.rota.coverage import active
from oncall.setup import words


@dataclass(frozen=True, slots=True)
class Choices:
    """`groups`: a title, and each target with what it is called."""

    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]

    def called(self, target: str) -> str:
        """Also where it is no longer there to be chosen."""
        known = (said for _, targets in self.groups for text, said in targets if text == target)
        return next(known, words.target(target))


def target_choices(session: Session) -> Choices:
    """In four questions."""
    groups = [
        ("On call", _schedules(session)),
        ("Everybody of a team", _teams(session)),
        ("People", _people(session)),
        ("Posts, which page nobody", _posts(session)),
    ]
    return Choices([(title, found) for title, each in groups if (found := list(each))])


def _schedules(session: Session) -> Iterator[tuple[str, str]]:
    for name, levels in session.exec(select(Schedule.name, Schedule.levels).order_by(col(Schedule.name))):
        targets = [f"schedule:{name}/{level}" for level in levels] + [f"schedule:{name}"] * (len(levels) > 1)
        yield from ((each, words.target(each)) for each in targets)


def _teams(session: Session) -> Iterator[tuple[str, str]]:
    targets = (f"team:{name}" for name in session.exec(select(Team.name).order_by(col(Team.name))))
    return ((each, words.target(each)) for each in targets)


def _people(session: Session) -> Iterator[tuple[str, str]]:
    return ((f"user:{each.handle}", f"{each.name} ({each.handle})") for each in active(session))


def _posts(session: Session) -> Iterator[tuple[str, str]]:
    order = (col(Team.name), col(TeamContactMethod.name))
    posts = select(Team.name, TeamContactMethod.name, TeamContactMethod.kind).join(Team).order_by(*order)
    for team, name, kind in session.exec(posts):
        yield f"team:{team}/{name}", f"{name} of team {team} ({KINDS[kind].label})"
