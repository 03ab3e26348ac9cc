"""Whom an alert may be reassigned to, as the groups of a list to choose from."""

from sqlmodel import Session, col, select

from oncall.models import EscalationPolicy, Schedule, Team
from oncall.models.service import IN_FORCE
from oncall.rota import coverage

Choices = dict[str, list[tuple[str, str]]]
"""By group, targets as text and how they are shown. Empty groups are left out."""


def reassign_choices(session: Session) -> Choices:
    schedules = session.exec(select(Schedule.name, Schedule.levels).order_by(col(Schedule.name)))
    teams = session.exec(select(Team.name).order_by(col(Team.name)))
    policies = session.exec(select(EscalationPolicy.name).where(IN_FORCE).order_by(col(EscalationPolicy.name)))
    groups = {
        "On call": [(f"schedule:{name}/{level}", f"{name} {level}") for name, levels in schedules for level in levels],
        "People": [(f"user:{person.handle}", person.name) for person in coverage.active(session)],
        "Teams": [(f"team:{name}", f"team {name}") for name in teams],
        "Escalation policies": [(f"policy:{name}", name) for name in policies],
    }
    return {name: choices for name, choices in groups.items() if choices}
