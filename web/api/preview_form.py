"""The schedule of a preview, which stands alone: whom and what it names need not be set up."""

import json
from typing import Any

from sqlmodel import Session

from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import Config, ScheduleForm, TeamForm, UserForm


def read_form(session: Session, data: dict[str, Any]) -> ScheduleForm:
    """Checked by the config file's own reader, as if all that may be missing existed. Raises BadInput."""
    beside = _with_strangers(export(session), data)
    return load(json.dumps({"schedules": [data]}), beside).schedules[0]


def _with_strangers(current: Config, data: dict[str, Any]) -> Config:
    """What is set up, without the schedule itself, and with what it names besides as if it were set up too."""
    schedules = [schedule for schedule in current.schedules if schedule.name != data.get("name")]
    users = _handles(data) - {user.handle for user in current.users}
    teams = _texts(data.get("team")) - {team.name for team in current.teams}
    left_out = _left_out(data) - {schedule.name for schedule in schedules} - _texts(data.get("name"))
    return Config.model_construct(
        users=[*current.users, *(UserForm.model_construct(handle=handle, name=handle) for handle in sorted(users))],
        teams=[*current.teams, *(TeamForm.model_construct(name=name) for name in sorted(teams))],
        schedules=[*schedules, *(ScheduleForm.model_construct(name=name) for name in sorted(left_out))],
    )


def _handles(data: dict[str, Any]) -> set[str]:
    """Everybody that is listed, as far as it can be read."""
    members = [each.get("members") for each in _maps(data.get("rotations"))]
    listed = [_texts(_together(one)) for each in members if isinstance(each, list) for one in each]
    overrides = _maps(data.get("overrides"))
    return _texts([each.get(field) for each in overrides for field in ("user", "replaces")]).union(*listed)


def _together(member: Any) -> Any:
    """Those who have a turn together."""
    return member.get("user") if isinstance(member, dict) else member


def _left_out(data: dict[str, Any]) -> set[str]:
    """The schedules whose members the rules leave out."""
    rules = _maps([each.get("members") for each in _maps(data.get("rotations"))])
    return set().union(*(_texts(rule.get("not_in")) for rule in rules))


def _maps(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> set[str]:
    return {each.strip() for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}
