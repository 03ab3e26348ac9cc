"""Escalation policies, schedules and teams that nobody needs any more: deleted for good.

Nothing is left behind that refers to one: whatever needs it is named, and keeps it. A file that still says it makes it
anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, func, select, update

from oncall.auth.setup_rights import check_edits_policy
from oncall.config.cut_off import cut_off
from oncall.config.export import export
from oncall.config.rows import policies_by_name
from oncall.config.schema import KINDS, Config
from oncall.config.whole import whole_problems
from oncall.errors import Conflict, NeedsConfirmation, NotFound
from oncall.escalation.target_text import Target
from oncall.installation import lock_plans
from oncall.models import (
    Alert,
    CalendarFeed,
    EscalationPolicy,
    NoticeKind,
    PublishedShift,
    Schedule,
    Service,
    Swap,
    SwapPiece,
    Team,
    TeamMember,
    User,
)
from oncall.models.alert import OPEN
from oncall.models.swap import UNDER_WAY
from oncall.notices.tell import notify
from oncall.planning.rotation_edits import check_may_edit
from oncall.rota.plans import find_schedule
from oncall.rota.when import moment
from oncall.settings import Settings
from oncall.setup.audit import note
from oncall.swaps.decide import withdraw

MOST_NAMED = 5


def delete_policy(session: Session, by: User, name: str, now: datetime) -> None:
    """Alerts that follow it go on as they began. Raises NotFound, Forbidden, or Conflict while a service follows it."""
    lock_plans(session)
    policy = policies_by_name(session, [name]).get(name)
    if policy is None:
        raise NotFound(f"There is no escalation policy {name}.")
    check_edits_policy(session, by, name)
    current = export(session)
    _refuse_if_needed(name, current, _without(current, "escalation_policies", name))
    policy.replaced_at = now
    session.add(policy)
    note(session, f"escalation policy {name}: removed")
    session.flush()


def delete_schedule(
    session: Session, settings: Settings, by: User, name: str, now: datetime, *, confirm: bool = False
) -> None:
    """With its rotations, shifts, overrides and calendar links. Whoever had a shift ahead is told.

    Raises NotFound or Forbidden; Conflict while something pages it; NeedsConfirmation, as past shifts go too.
    """
    lock_plans(session)
    schedule = find_schedule(session, name)
    check_may_edit(session, by, schedule)
    current = export(session)
    _refuse_if_needed(name, current, _without(current, "schedules", name), _alerts_that_page(session, schedule))
    ahead, asked = _ahead(session, schedule, now), _swaps_under_way(session, schedule)
    if not confirm:
        raise NeedsConfirmation(_what_goes_with(session, schedule, ahead, asked, ZoneInfo(by.timezone), now))
    for swap in asked:
        withdraw(session, settings, swap.id or 0, by, session.get_one(User, swap.asker_id), now)
    _tell(session, schedule, ahead, by, now)
    session.delete(schedule)
    session.flush()
    session.exec(delete(Swap).where(col(Swap.id).not_in(select(SwapPiece.swap_id))))


def delete_team(session: Session, name: str, now: datetime, *, confirm: bool = False) -> None:
    """By an admin, who makes teams. With its channels and keys; its people stay.

    Raises NotFound; Conflict while it owns something, or is paged; NeedsConfirmation where something sends to a key.
    """
    lock_plans(session)
    team = session.exec(select(Team).where(Team.name == name)).first()
    if team is None:
        raise NotFound(f"There is no team {name}.")
    current = export(session)
    left = _without(current, "teams", name)
    _refuse_if_needed(name, current, left)
    if not confirm and (refused := cut_off(session, current, left, now)):
        raise NeedsConfirmation(refused)
    session.exec(delete(TeamMember).where(col(TeamMember.team_id) == team.id))
    session.exec(update(Service).where(col(Service.team_id) == team.id).values(team_id=None))  # those that were deleted
    session.delete(team)
    session.flush()


def _without(config: Config, section: str, name: str) -> Config:
    """Also without what is said of the schedule of this name in passing: who is experienced on it."""
    left = [form for form in getattr(config, section) if form.key_name != name]
    people = [
        user.model_copy(update={"experienced": [e for e in user.experienced if e != name]}) for user in config.users
    ]
    return config.model_copy(update={section: left, **({"users": people} if section == "schedules" else {})})


def _refuse_if_needed(name: str, current: Config, left: Config, others: Iterable[str] = ()) -> None:
    """Raises Conflict that names all for which something would be missing, as an applied file would."""
    before = set(whole_problems(current))
    places = (problem.location for problem in whole_problems(left) if problem not in before)
    needed = dict.fromkeys([*(f"the {KINDS[str(section)]} {of}" for section, of, *_ in places), *others])
    if needed:
        raise Conflict(f"{name} is needed by {in_a_sentence(list(needed))}. Change that first; then it can be deleted.")


def in_a_sentence(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    shown, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _alerts_that_page(session: Session, schedule: Schedule) -> list[str]:
    """Open ones: they go by the policy as it was when they triggered."""
    rows = select(EscalationPolicy, func.min(Alert.id)).join(Alert).where(OPEN).group_by(col(EscalationPolicy.id))
    return [f"alert {number}" for policy, number in session.exec(rows) if schedule.name in _schedules_of(policy)]


def _schedules_of(policy: EscalationPolicy) -> set[str]:
    targets = [policy.fallback, *(each for step in policy.steps for each in step["page"])]
    read = (Target.parse(each) for each in targets if each)
    return {target.name for target in read if target.kind == "schedule"}


def _ahead(session: Session, schedule: Schedule, now: datetime) -> dict[int, datetime]:
    """When the next shift begins, or the running one did, of everybody who has one."""
    first = func.min(PublishedShift.starts_at)
    rows = select(PublishedShift.user_id, first).where(
        PublishedShift.schedule_id == schedule.id, PublishedShift.ends_at > now
    )
    return dict(session.exec(rows.group_by(col(PublishedShift.user_id)).order_by(first)).all())


def _swaps_under_way(session: Session, schedule: Schedule) -> Sequence[Swap]:
    of_it = select(SwapPiece.swap_id).where(SwapPiece.schedule_id == schedule.id)
    return session.exec(select(Swap).where(UNDER_WAY, col(Swap.id).in_(of_it)).order_by(col(Swap.id))).all()


def _what_goes_with(
    session: Session,
    schedule: Schedule,
    ahead: dict[int, datetime],
    asked: Sequence[Swap],
    zone: ZoneInfo,
    now: datetime,
) -> list[str]:
    links = select(func.count()).where(CalendarFeed.schedule_id == schedule.id, col(CalendarFeed.revoked_at).is_(None))
    said = [f"All that {schedule.name} has goes with it, also its past: reports of burden no longer count it."]
    if ahead:
        user_id, start = next(iter(ahead.items()))
        first = (
            f"{session.get_one(User, user_id).name} {'since' if start <= now else 'from'} {moment(start, zone, now)}"
        )
        said.append(f"Whoever has shifts ahead loses them, and is told: first {first}; {len(ahead)} in all.")
    if asked:
        said.append(f"Swaps under way would be withdrawn: {in_a_sentence([str(swap.id) for swap in asked])}.")
    if count := session.exec(links).one():
        said.append(f"Calendars that follow it would find nothing any more: {count}.")
    return said


def _tell(session: Session, schedule: Schedule, ahead: Iterable[int], by: User, now: datetime) -> None:
    text = f"The schedule {schedule.name} was deleted by {by.name}: you have no more shifts on it."
    others = [user_id for user_id in ahead if user_id != by.id]
    notify(session, others, NoticeKind.SHIFTS_CHANGED, text, now, f"schedule:{schedule.id}:deleted")
