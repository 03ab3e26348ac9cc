"""A config written to the database: what differs, and nothing else. The caller commits."""

from datetime import datetime

from sqlmodel import Session, col, select

from oncall.config.check import problems
from oncall.config.export import export
from oncall.config.merge import merge
from oncall.config.plan import Change, difference
from oncall.config.problems import Problem, refuse
from oncall.config.schema import Config
from oncall.config.write import write
from oncall.installation import installation
from oncall.models import User


def plan(session: Session, wanted: Config) -> list[Change]:
    """What `apply` would change. Raises BadInput with every problem."""
    current = export(session)
    return difference(current, _whole(session, current, wanted))


def apply(session: Session, wanted: Config, now: datetime) -> list[Change]:
    """Lays `wanted` over what is set up, and says what that changed; applied again it changes nothing.

    Keys that are not given are generated. Raises BadInput with every problem before anything is written.
    """
    installation(session)  # it notices every change from here on, whatever else this process has imported
    current = export(session)
    whole = _whole(session, current, wanted)
    changes = difference(current, whole)
    write(session, whole, {(change.kind, change.name) for change in changes}, now)
    return changes


def _whole(session: Session, current: Config, wanted: Config) -> Config:
    whole = merge(current, wanted)
    refuse([*problems(current, wanted, whole), *_retired(session, wanted)], wanted)
    return whole


def _retired(session: Session, wanted: Config) -> list[Problem]:
    """A file that is older than somebody's leave must not bring them back by itself."""
    handles = [form.handle for form in wanted.users]
    rows = select(User.handle).where(col(User.handle).in_(handles), col(User.retired_at).is_not(None))
    gone = set(session.exec(rows))
    return [
        Problem(
            ("users", i, "handle"),
            f"{handle} has retired: leave them out, or bring them back first with “oncall user restore {handle}”",
        )
        for i, handle in enumerate(handles)
        if handle in gone
    ]
