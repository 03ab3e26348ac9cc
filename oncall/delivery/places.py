"""Places: what goes to one phone or channel is throttled and bundled together, whether a person's or a team's own."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from oncall.models import ContactMethod, Delivery, TeamContactMethod

IDS = {False: col(ContactMethod.id), True: col(TeamContactMethod.id)}
COLUMNS = {False: col(Delivery.contact_method_id), True: col(Delivery.team_contact_method_id)}
"""By whether it is a team's."""


class Place(NamedTuple):
    """A contact method."""

    of_team: bool
    method_id: int

    @property
    def deliveries(self) -> ColumnElement[bool]:
        return COLUMNS[self.of_team] == self.method_id


def place_of(delivery: Delivery) -> Place | None:
    """None for what goes to no contact method: a canary's, and those of one that has been removed."""
    if delivery.team_contact_method_id is not None:
        return Place(True, delivery.team_contact_method_id)
    return Place(False, delivery.contact_method_id) if delivery.contact_method_id is not None else None


def by_owner(places: Collection[Place]) -> Iterator[tuple[bool, list[int]]]:
    """Whether they are teams', and the ids of those that are; of people and teams those that have any."""
    for of_team in (False, True):
        ids = sorted(place.method_id for place in places if place.of_team is of_team)
        if ids:
            yield of_team, ids


def locked(session: Session, places: Collection[Place]) -> set[Place]:
    """Those that no other process decides about: two that decide at once would both find that nothing went there."""
    if session.get_bind().dialect.name == "sqlite":
        return set(places)  # there is no other
    found = set()
    for of_team, ids in by_owner(places):
        rows = select(IDS[of_team]).where(IDS[of_team].in_(ids)).order_by(IDS[of_team])
        methods = session.exec(rows.with_for_update(skip_locked=True, key_share=True)).all()
        found |= {Place(of_team, method_id) for method_id in methods if method_id is not None}
    return found


def not_at(places: Collection[Place]) -> ColumnElement[bool]:
    """Deliveries that go elsewhere."""
    return and_(True, *(COLUMNS[of_team].is_(None) | COLUMNS[of_team].not_in(ids) for of_team, ids in by_owner(places)))
