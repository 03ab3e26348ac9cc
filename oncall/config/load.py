"""The config file's text, read and checked: every problem at once, or a Config."""

from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from oncall.config.check import problems
from oncall.config.merge import merge
from oncall.config.problems import Location, Problem, from_pydantic, refuse
from oncall.config.schema import KINDS, Config
from oncall.config.yaml_text import read_yaml
from oncall.errors import BadInput


def load(text: str, current: Config | None = None) -> Config:
    """The file's text, YAML or JSON, as a Config that holds what the file does and no more.

    With `current`, what is set up already, also checks that everything the file refers to exists. Raises BadInput
    whose `problems` name every fault and its place.
    """
    data = read_yaml(text)
    if not isinstance(data, dict):
        raise BadInput(f"The file must hold sections, such as users: or schedules:. Known are {', '.join(KINDS)}")
    wanted, faults, lost = _read(data)
    if current is not None:
        faults += problems(current, wanted, merge(current, wanted), lost)
    refuse(faults, data)
    return wanted


def _read(data: dict[str, Any]) -> tuple[Config, list[Problem], frozenset[Location]]:
    """What can be read of `data`, what is wrong with the rest, and the places that are left out for it."""
    rest = deepcopy(data)
    faults: list[Problem] = []
    lost: set[Location] = set()
    while True:
        try:
            return Config.model_validate(rest), faults, frozenset(lost)
        except ValidationError as error:
            found = [from_pydantic(details) for details in error.errors(include_url=False)]
        faults = faults or found
        places = {_deepest(rest, problem.location) for problem in found}
        lost |= places
        for place in sorted(places, key=len, reverse=True):
            _leave_out(rest, place)


def _deepest(data: Any, location: Location) -> Location:
    """The last map key on the way to `location`: what can be left out without moving anything else."""
    deepest = location[:1]
    for i, step in enumerate(location):
        if isinstance(step, str):
            if not isinstance(data, dict) or step not in data:
                break
            deepest = location[: i + 1]
        elif not isinstance(data, list):
            break  # a text that stands for a list of one
        data = data[step]
    return deepest


def _leave_out(data: Any, place: Location) -> None:
    for step in place[:-1]:
        data = data[step]
    data.pop(place[-1], None)
