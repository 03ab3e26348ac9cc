"""A whole, checked Config written to the tables: the objects that change, in an order in which they can refer."""

from collections.abc import Set
from datetime import datetime

from sqlmodel import Session

from oncall.config.schema import KINDS, Config
from oncall.config.write_maintenance import write_maintenance
from oncall.config.write_people import write_experience, write_teams, write_users
from oncall.config.write_schedules import write_schedules
from oncall.config.write_services import write_heartbeats, write_policies, write_services
from oncall.config.write_team_keys import write_team_keys


def write(session: Session, whole: Config, changed: Set[tuple[str, str]], now: datetime) -> None:
    """`changed` has the kind and name of each object that differs from the tables; the others are not touched."""
    sections = {
        section: [form for form in getattr(whole, section) if (kind, form.key_name) in changed]
        for section, kind in KINDS.items()
    }
    only = whole.model_copy(update=sections)
    write_users(session, only.users, now)
    write_teams(session, only.teams, now)
    write_schedules(session, only.schedules, now)
    write_experience(session, only.users)
    write_policies(session, only.escalation_policies, now)
    write_services(session, only.services, now)
    write_team_keys(session, only.teams, now)
    write_heartbeats(session, only.heartbeats, now)
    write_maintenance(session, only.maintenance, now)
    session.flush()
