"""A config written to the database: what differs, and nothing else. The caller commits."""

from datetime import datetime

from sqlmodel import Session

from oncall.config.check import problems
from oncall.config.export import export
from oncall.config.merge import merge
from oncall.config.plan import Change, difference
from oncall.config.problems import refuse
from oncall.config.schema import Config
from oncall.config.write import write


def plan(session: Session, wanted: Config) -> list[Change]:
    """What `apply` would change. Raises BadInput with every problem."""
    current = export(session)
    return difference(current, _whole(current, wanted))


def apply(session: Session, wanted: Config, now: datetime) -> list[Change]:
    """Lays `wanted` over what is set up, and says what that changed; applied again it changes nothing.

    Keys that are not given are generated. Raises BadInput with every problem before anything is written.
    """
    current = export(session)
    whole = _whole(current, wanted)
    changes = difference(current, whole)
    write(session, whole, {(change.kind, change.name) for change in changes}, now)
    return changes


def _whole(current: Config, wanted: Config) -> Config:
    whole = merge(current, wanted)
    refuse(problems(current, wanted, whole), wanted)
    return whole
