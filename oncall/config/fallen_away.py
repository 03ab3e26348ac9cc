"""What is planned by hand on a level that a file leaves out, or gives another name, without saying a word of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.config.schema import Config
from oncall.models import Override, OverrideSource, Schedule, User
from oncall.rota.when import span

MADE_BY = {
    OverrideSource.OVERRIDE: "override",
    OverrideSource.SWAP: "swap",
    OverrideSource.TEMPORARY: "temporary schedule",
}


def fallen_away(
    session: Session, current: Config, wanted: Config, now: datetime, told_in: ZoneInfo | None = None
) -> list[str]:
    """A sentence for each. Asked before it is taken out."""
    before = {form.name: form for form in current.schedules}
    found: list[str] = []
    for form in wanted.schedules:
        if form.name not in before or "levels" not in form.model_fields_set:
            continue
        gone = set(before[form.name].levels) - set(form.levels)
        said = {OverrideSource.OVERRIDE} if "overrides" in form.model_fields_set else set()
        zone = told_in or ZoneInfo(before[form.name].timezone)
        found += _planned(session, form.name, gone, set(MADE_BY) - said, now, zone) if gone else []
    return found


def _planned(
    session: Session, schedule: str, levels: set[str], made_by: set[OverrideSource], now: datetime, zone: ZoneInfo
) -> list[str]:
    # a temporary schedule begins with nobody on its levels
    is_somebody_s = col(Override.user_id).is_not(None) | (col(Override.source) != OverrideSource.TEMPORARY)
    planned = (
        select(Override, User.name)
        .join(Schedule, col(Schedule.id) == col(Override.schedule_id))
        .join(User, col(User.id) == col(Override.user_id), isouter=True)
        .where(Schedule.name == schedule, col(Override.level).in_(levels), col(Override.source).in_(made_by))
        .where(Override.ends_at > now, col(Override.is_history).is_(False))
        .where(is_somebody_s)
        .order_by(col(Override.starts_at), col(Override.id))
    )
    return [
        f"The {MADE_BY[row.source]} by which {name or 'nobody'} is on {schedule} {row.level}, "
        f"{span(row.starts_at, row.ends_at, zone)}, would fall away: the file leaves that level out, or gives it "
        "another name."
        for row, name in session.exec(planned)
    ]
