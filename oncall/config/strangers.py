"""Schedules read by themselves: whom and what they name besides need not be set up."""

import json
from typing import Any

from oncall.config.load import load
from oncall.config.schema import Config, ScheduleForm, TeamForm, UserForm
from oncall.config.yaml_text import read_yaml


def read_schedule(current: Config, data: dict[str, Any]) -> ScheduleForm:
    """Checked by the config file's own reader, as if all that may be missing existed. Raises BadInput."""
    beside = _with_strangers(current, data)
    return load(json.dumps({"schedules": [data]}), beside).schedules[0]


def read_file(text: str) -> Config:
    """A config file by itself. Where it says nothing of people, or of teams, those that it names exist elsewhere.

    Raises BadInput, which names every fault and its place.
    """
    read = read_yaml(text)
    data = read if isinstance(read, dict) else {}
    named = _named_in(data)
    beside = {section: getattr(named, section) for section in ("users", "teams") if section not in data}
    return load(text, Config.model_construct(**beside))


def _named_in(data: dict[str, Any]) -> Config:
    """The people and teams that its schedules name."""
    schedules = _maps(data.get("schedules"))
    found = [_with_strangers(Config(), schedule) for schedule in schedules]
    users = {user.handle: user for each in found for user in each.users}
    rules = [rule for schedule in schedules for rule in _rules(schedule)]
    teams = {team.name: team for each in found for team in each.teams}
    teams |= {name: TeamForm.model_construct(name=name) for rule in rules for name in _texts(rule.get("team"))}
    return Config.model_construct(users=list(users.values()), teams=list(teams.values()))


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
    return set().union(*(_texts(rule.get("not_in")) for rule in _rules(data)))


def _rules(data: dict[str, Any]) -> list[dict[str, Any]]:
    return _maps([each.get("members") for each in _maps(data.get("rotations"))])


def _maps(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> set[str]:
    return {each.strip() for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}
