"""Schedules read by themselves: whom and what they name besides need not be set up."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from pydantic import ValidationError

from oncall.config.load import load
from oncall.config.merge import AnyForm, merge
from oncall.config.schema import Config, ScheduleForm, TeamForm, UserForm
from oncall.config.yaml_text import read_yaml
from oncall.errors import BadInput

EMPTY = {"timezone": "UTC", "levels": ["L1"]}
"""A schedule that nobody has set up, of which all that matters is that nobody is in it."""

MOST_NAMED, MOST_LEFT_OUT = 1_000, 100
"""That one schedule may name: people, each time it does, and schedules that nobody has set up. About two seconds' work,
for which others wait, and anybody who is let in can ask for it."""


def read_schedule(current: Config, data: dict[str, Any], experienced: Collection[str] = ()) -> Config:
    """One schedule, or the part of it that would change, with all it names that is not set up: ready to be applied.

    Checked by the config file's own reader. `experienced`: handles of more people who are no first-timers on it.
    Raises BadInput, also where it names too many.
    """
    named = sum(map(len, _listed(data))) + len(_maps(data.get("overrides")))
    _check_count(named, MOST_NAMED, "people, in rotations and overrides")
    _check_count(len(_left_out(current, data)), MOST_LEFT_OUT, "schedules to leave out that are not set up")
    strangers = _strangers(current, data, experienced)
    (form,) = load(json.dumps({"schedules": [data]}), merge(current, strangers)).schedules
    known = [user for user in (*current.users, *strangers.users) if user.handle in experienced]
    seasoned = Config(users=[_seasoned(user, form.name) for user in known])
    return merge(strangers, seasoned).model_copy(update={"schedules": [*strangers.schedules, form]})


def read_file(current: Config, text: str) -> Config:
    """A config file. Where it says nothing of people, or of teams, those that it names are taken to exist.

    Raises BadInput, which names every fault and its place.
    """
    read = read_yaml(text)
    data = read if isinstance(read, dict) else {}
    named = _named_in(current, data)
    strangers = Config(**{section: getattr(named, section) for section in ("users", "teams") if section not in data})
    return merge(strangers, load(text, merge(current, strangers)))


def _check_count(count: int, most: int, what: str) -> None:
    """Raises BadInput."""
    if count > most:
        raise BadInput(f"The schedule names {count:,} {what}, and {most:,} are the most.", field="schedule")


def _seasoned(user: UserForm, schedule: str) -> UserForm:
    """All that is said of them is that they are no first-timers there."""
    return UserForm(handle=user.handle, experienced=list(dict.fromkeys([*user.experienced, schedule])))


def _named_in(current: Config, data: dict[str, Any]) -> Config:
    """The people and teams that the schedules of a file name, and nobody has set up."""
    schedules = _maps(data.get("schedules"))
    found = [_strangers(current, schedule) for schedule in schedules]
    users = {user.handle: user for each in found for user in each.users}
    teams = {team.name for each in found for team in each.teams}
    teams.update(*(_texts(rule.get("team")) for schedule in schedules for rule in _rules(schedule)))
    known = {team.name for team in current.teams}
    return Config(
        users=list(users.values()), teams=_forms(TeamForm, ({"name": name} for name in sorted(teams - known)))
    )


def _strangers(current: Config, data: dict[str, Any], others: Iterable[str] = ()) -> Config:
    """What a schedule names besides itself, and the `others`, as far as it is not set up."""
    users = {*_handles(data), *others} - {user.handle for user in current.users}
    teams = _texts(data.get("team")) - {team.name for team in current.teams}
    return Config(
        users=_forms(UserForm, ({"handle": handle, "name": handle} for handle in sorted(users))),
        teams=_forms(TeamForm, ({"name": name} for name in sorted(teams))),
        schedules=_forms(ScheduleForm, ({"name": name, **EMPTY} for name in sorted(_left_out(current, data)))),
    )


def _forms(kind: type[AnyForm], found: Iterable[dict[str, Any]]) -> list[AnyForm]:
    """Without those whose names nothing can have: the file's reader says that there is no such thing."""
    forms = []
    for fields in found:
        try:
            forms.append(kind(**fields))
        except ValidationError:
            continue
    return forms


def _handles(data: dict[str, Any]) -> set[str]:
    """Everybody that is listed, as far as it can be read."""
    overrides = _maps(data.get("overrides"))
    return _texts([each.get(field) for each in overrides for field in ("user", "replaces")]).union(*_listed(data))


def _listed(data: dict[str, Any]) -> list[set[str]]:
    """Who has each place in a rotation."""
    members = [each.get("members") for each in _maps(data.get("rotations"))]
    return [_texts(_together(one)) for each in members if isinstance(each, list) for one in each]


def _together(member: Any) -> Any:
    """Those who have a turn together."""
    return member.get("user") if isinstance(member, dict) else member


def _left_out(current: Config, data: dict[str, Any]) -> set[str]:
    """The schedules whose members the rules leave out, and that are not set up."""
    named = set[str]().union(*(_texts(rule.get("not_in")) for rule in _rules(data)))
    return named - {schedule.name for schedule in current.schedules} - _texts(data.get("name"))


def _rules(data: dict[str, Any]) -> list[dict[str, Any]]:
    return _maps([each.get("members") for each in _maps(data.get("rotations"))])


def _maps(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> set[str]:
    return {each.strip() for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}
