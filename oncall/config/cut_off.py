"""Integration keys that a file leaves out of a list, or gives another value or tool, although something still sends to
them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from sqlmodel import Session, col, func, select

from oncall.config.schema import Config
from oncall.models import IntegrationKey, ReceivedRequest
from oncall.timeline import spell

LATELY = timedelta(days=7)


def cut_off(session: Session, current: Config, whole: Config, now: datetime) -> list[str]:
    """A sentence for each. Asked before the keys go."""
    stays = {place for place, _ in _keys(whole)}
    gone = {key: name for (key, tool), name in _keys(current) if (key, tool) not in stays}
    if not gone:
        return []
    used = (
        select(IntegrationKey.key, func.max(ReceivedRequest.at))
        .join(ReceivedRequest)
        .where(col(IntegrationKey.key).in_(gone), col(ReceivedRequest.is_test).is_(False))
        .where(ReceivedRequest.refusal == "", ReceivedRequest.at > now - LATELY)
        .group_by(col(IntegrationKey.key))
    )
    ages = {key: spell(now - at) for key, at in session.exec(used)}
    return [
        f"The integration key {name}, which would be revoked or have another value or tool, was sent to "
        f"{ages[key]} ago: what still sends to it would be refused."
        for key, name in gone.items()
        if key in ages
    ]


def _keys(config: Config) -> Iterator[tuple[tuple[str, str], str]]:
    """Each with its tool, and whose it is."""
    of_services = ((key, each.name) for each in config.services for key in each.integration_keys)
    of_teams = ((key, f"team {each.name}") for each in config.teams for key in each.integration_keys)
    for key, of in chain(of_services, of_teams):
        if key.key:
            yield (key.key, key.tool), f"{key.name} of {of}"
