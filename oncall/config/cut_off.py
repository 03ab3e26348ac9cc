"""Integration keys that a file leaves out of a list, or gives another value, although something still sends to them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.config.schema import Config
from oncall.models import IntegrationKey, ReceivedRequest
from oncall.timeline import spell

LATELY = timedelta(days=7)


def cut_off(session: Session, current: Config, whole: Config, now: datetime) -> list[str]:
    """A sentence for each. Asked before the keys go."""
    gone = {key: of for key, of in _keys(current) if key not in dict(_keys(whole))}
    if not gone:
        return []
    values, last = list(gone), func.max(ReceivedRequest.at)
    used = (
        select(IntegrationKey.key, last)
        .join(ReceivedRequest)
        .where(col(IntegrationKey.key).in_(values), col(ReceivedRequest.is_test).is_(False))
        .where(ReceivedRequest.refusal == "", ReceivedRequest.at > now - LATELY)
        .group_by(col(IntegrationKey.key))
    )
    ages = {key: spell(now - at) for key, at in session.exec(used)}
    return [
        f"The integration key {gone[key]}, which the file leaves out or gives another value, was sent to "
        f"{ages[key]} ago: what still sends to it would be refused."
        for key in values
        if key in ages
    ]


def _keys(config: Config) -> Iterator[tuple[str, str]]:
    """Each with whose it is."""
    for service in config.services:
        yield from ((key.key, f"{key.name} of {service.name}") for key in service.integration_keys if key.key)
    for team in config.teams:
        yield from ((key.key, f"{key.name} of team {team.name}") for key in team.integration_keys if key.key)
