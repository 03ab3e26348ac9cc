"""A config written to the database: what differs, and nothing else. The caller commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.config.check import problems
from oncall.config.cut_off import cut_off
from oncall.config.export import export
from oncall.config.fallen_away import fallen_away
from oncall.config.merge import merge
from oncall.config.plan import Change, difference, with_consequences
from oncall.config.problems import Problem, refuse
from oncall.config.schema import KINDS, Config
from oncall.config.write import write
from oncall.db.database import may_take_long
from oncall.errors import NeedsConfirmation
from oncall.installation import installation, lock_plans
from oncall.models import User
from oncall.rota.consequences import Watch
from oncall.rota.health import warnings
from oncall.rota.horizon import hand_on
from oncall.rota.promises import Promises

ON_CALL = frozenset({"user", "team", "schedule"})
"""The kinds of objects that decide who is on call, and who can be paged."""


def apply(
    session: Session, wanted: Config, now: datetime, *, confirm: bool = False, told_in: ZoneInfo | None = None
) -> list[Change]:
    """Lays `wanted` over what is set up, and says what that changed; applied again it changes nothing.

    Keys that are not given are generated. Raises BadInput with every problem before anything is written, and
    NeedsConfirmation where it would make things worse for those on call, refuse what monitoring sends, or lose
    what was planned by hand.
    """
    changes, harm = try_out(session, wanted, now, told_in)
    if harm and not confirm:
        raise NeedsConfirmation(harm)
    return changes


def try_out(
    session: Session, wanted: Config, now: datetime, told_in: ZoneInfo | None = None
) -> tuple[list[Change], list[str]]:
    """Applies it without asking. Gives the changes, and a sentence for each thing that they make worse, with times on
    the clock of `told_in`, else on each schedule's.

    Two at once are applied one after the other, or both would add what neither found.
    """
    may_take_long(session)
    lock_plans(session)
    current = _current(session)
    whole = _whole(session, current, wanted)
    changes = difference(current, whole)
    is_about_people = any(change.kind in ON_CALL for change in changes)
    watch, promises = (
        (Watch(session, now, told_in=told_in), Promises(session, now)) if is_about_people else (None, None)
    )
    lost = [*cut_off(session, current, whole, now), *fallen_away(session, current, wanted, now, told_in)]
    write(session, whole, {(change.kind, change.name) for change in changes}, now)
    if watch is None or promises is None:
        return changes, lost
    hand_on(session, watch.schedules, now)
    promises.keep()
    return with_consequences(changes, watch.moves_ahead(), watch.joining()), [*watch.harm_ahead(), *lost]


def warnings_of(session: Session, changes: Sequence[Change], now: datetime) -> list[str]:
    """What is to mend in the schedules that have changed, as they are now."""
    names = {change.name for change in changes if change.kind == "schedule"}
    return warnings(session, names, now) if names else []


def write_on_call(session: Session, wanted: Config, now: datetime) -> None:
    """Of `wanted` only what decides who is on call, without asking what it makes worse: to be thrown away again."""
    current = only_on_call(_current(session))
    whole = _whole(session, current, only_on_call(wanted))
    write(session, whole, {(change.kind, change.name) for change in difference(current, whole)}, now)


def only_on_call(config: Config) -> Config:
    """Without all that asks who is on call, such as escalation policies, which may not fit it yet, and without teams'
    keys, which lead to services.
    """
    others: dict[str, list[Any]] = {section: [] for section, kind in KINDS.items() if kind not in ON_CALL}
    teams = [team.model_copy(update={"integration_keys": []}) for team in config.teams]
    return config.model_copy(update={**others, "teams": teams})


def _current(session: Session) -> Config:
    installation(session)  # it notices every change from here on, whatever else this process has imported
    return export(session)


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
