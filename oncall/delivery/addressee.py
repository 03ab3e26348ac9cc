"""Whom a delivery is for: a person or a team, by the name that timelines and pages use, and their contact method."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from notifiers.registry import KINDS
from oncall.models import ContactMethod, Delivery, Team, TeamContactMethod, User
from oncall.rota import coverage

GONE = "a team's address that is gone"


def post_name(team: str, method: TeamContactMethod) -> str:
    """Such as "dev's #warroom (slack)"."""
    return f"{team}'s {method.name} ({method.kind})"


def addressees(session: Session, deliveries: Sequence[Delivery]) -> dict[int | None, str]:
    """By delivery, in one question."""
    handles, names = coverage.everybody(session), coverage.names(session)
    method_ids = {each.team_contact_method_id for each in deliveries if each.user_id is None}
    posts: dict[int | None, str] = {}
    if method_ids:
        rows = select(TeamContactMethod, Team.name).join(Team).where(col(TeamContactMethod.id).in_(method_ids))
        posts = {method.id: post_name(team, method) for method, team in session.exec(rows)}
    return {
        each.id: names[handles[each.user_id]]
        if each.user_id is not None
        else posts.get(each.team_contact_method_id, GONE)
        for each in deliveries
    }


def method_of(session: Session, delivery: Delivery) -> ContactMethod | TeamContactMethod | None:
    """None where it has been removed, and for a canary's."""
    if delivery.team_contact_method_id is not None:
        return session.get(TeamContactMethod, delivery.team_contact_method_id)
    return session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id is not None else None


def goes_to(delivery: Delivery, method: ContactMethod | TeamContactMethod | None) -> bool:
    """Whether that is still its address."""
    return method is not None and (method.kind, method.address) == (delivery.kind, delivery.address)


def said_to(kind: str, name: str) -> str:
    """As what becomes of a delivery begins on timelines: "Text to Bob Baker"."""
    label = KINDS[kind].label
    return f"{label[:1].upper()}{label[1:]} to {name}"


def addressee(session: Session, delivery: Delivery) -> str:
    """Of one; nothing is asked when its person is loaded already."""
    if delivery.user_id is not None:
        return session.get_one(User, delivery.user_id).name
    return addressees(session, [delivery])[delivery.id]
